namespace RealTimeMesh.SchemaRegistry;

/// <summary>A subject's name with the context it belongs to: <c>:.team:orders-value</c>; plain names belong to the default context.</summary>
/// <param name="Context">With its leading dot; <c>.</c> for the default.</param>
/// <param name="Name">The part behind the context; empty for the context itself.</param>
internal readonly record struct SubjectName(string Context, string Name)
{
    public const string DefaultContext = ".";

    public const string GlobalContext = ".__GLOBAL";

    private const string AnyContext = ":*:";

    /// <summary>Orders by context, then by name, as lists are answered.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(static (left, right) =>
    {
        var (one, two) = (Parse(left), Parse(right));
        var contexts = string.CompareOrdinal(one.Context, two.Context);
        return contexts != 0 ? contexts : string.CompareOrdinal(one.Name, two.Name);
    });

    /// <summary>What stands before the name; empty for the default context.</summary>
    public string Prefix => Context == DefaultContext ? "" : $":{Context}:";

    public bool IsContext => Name.Length == 0;

    public static SubjectName Parse(string text)
    {
        if (text.StartsWith(AnyContext, StringComparison.Ordinal))
            return new SubjectName("*", text[AnyContext.Length..]);

        if (!text.StartsWith(":.", StringComparison.Ordinal))
            return new SubjectName(DefaultContext, text);

        var end = text.IndexOf(':', 2);
        return end < 0 ? new SubjectName(text[1..], "") : new SubjectName(text[1..end], text[(end + 1)..]);
    }

    /// <summary>The name in the one way it is stored.</summary>
    public static string Normalize(string text) => Parse(text).ToString();

    /// <summary>A name that a schema of <paramref name="parent"/> uses: where it names no context, the parent's is meant.</summary>
    public static string Within(string parent, string text)
    {
        var name = Parse(text);
        return name.Context == DefaultContext ? (name with { Context = Parse(parent).Context }).ToString() : name.ToString();
    }

    /// <summary>Whether a subject is of a prefix, which may name a context, or any (<c>:*:</c>).</summary>
    public static bool HasPrefix(string subject, string prefix)
    {
        var (wanted, name) = (Parse(prefix), Parse(subject));
        return (wanted.Context == "*" || wanted.Context == name.Context) && name.Name.StartsWith(wanted.Name, StringComparison.Ordinal);
    }

    /// <summary>Whether a name may be a subject's; settings may be of the global context too.</summary>
    public static bool IsValid(string text, bool forSettings = false)
    {
        var name = Parse(text);
        return !text.Any(char.IsControl) && name.Name is not ("__GLOBAL" or "__EMPTY") && (forSettings || name.Context != GlobalContext);
    }

    public override string ToString() => Prefix + Name;
}
