namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>
/// Every path may stand behind <c>/contexts/{context}</c>: subjects in it are then of that context. Written back into the
/// plain form before routing.
/// </summary>
internal static class ContextPaths
{
    private const string Root = "/contexts/";

    public static Task RewriteAsync(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith(Root, StringComparison.Ordinal))
            Rewrite(context.Request, path[Root.Length..]);

        return next(context);
    }

    private static void Rewrite(HttpRequest request, string path)
    {
        var parts = path.TrimEnd('/').Split('/');
        if (parts.Length < 2)
            return;

        var prefix = Prefix(parts[0]);
        var rest = parts[1..];
        var subjectAt = rest[0] switch
        {
            "config" or "mode" => 1,
            _ => Array.IndexOf(rest, "subjects") is >= 0 and var at ? at + 1 : -1,
        };
        if (subjectAt > 0 && subjectAt < rest.Length && rest[0] is not "schemas")
            rest[subjectAt] = Qualify(prefix, rest[subjectAt]);
        else if (subjectAt == 1 && rest[0] is "config" or "mode" && prefix.Length > 0)
            rest = [rest[0], prefix];

        request.Path = "/" + string.Join('/', rest);
        if (rest[0] == "schemas" && rest.Length > 1)
            SetQuery(request, "subject", Qualify(prefix, request.Text("subject") ?? ""));
        else if (rest.Length == 1 && rest[0] is "schemas" or "subjects" && rest.Length == 1)
            SetQuery(request, "subjectPrefix", Qualify(prefix, request.Text("subjectPrefix") ?? ""));
    }

    private static string Prefix(string context)
    {
        var name = context.StartsWith(":.", StringComparison.Ordinal) ? SubjectName.Parse(context).Context : context;
        return new SubjectName(name.StartsWith('.') ? name : "." + name, "").Prefix;
    }

    private static string Qualify(string prefix, string subject) =>
        subject.StartsWith(":.", StringComparison.Ordinal) || subject.StartsWith(":*:", StringComparison.Ordinal) ? subject : prefix + subject;

    private static void SetQuery(HttpRequest request, string name, string value)
    {
        var query = request.Query.Where(pair => pair.Key != name).SelectMany(pair => pair.Value, (pair, text) => KeyValuePair.Create(pair.Key, text));
        request.QueryString = QueryString.Create(query.Append(KeyValuePair.Create<string, string?>(name, value)));
    }
}
