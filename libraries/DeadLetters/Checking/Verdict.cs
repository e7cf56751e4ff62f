namespace RealTimeMesh.DeadLetters.Checking;

/// <summary>Whether a message would be taken where it goes.</summary>
/// <param name="Passes">Null where that cannot be told.</param>
/// <param name="Rule">What it would break.</param>
/// <param name="Note">Why it cannot be told, or what else is to be said.</param>
public sealed record Verdict(bool? Passes, string? Rule = null, string? Field = null, string? Found = null, string? Expected = null, string? Note = null)
{
    public static Verdict Good { get; } = new(true);

    /// <summary>It would be taken, though not as it stands.</summary>
    public static Verdict Changed { get; } = new(true, Note: "the rules of its contract change it first");

    public static Verdict Unknown(string note) => new(null, Note: note);
}

/// <summary>One field of a message beside its contract.</summary>
/// <param name="Type">The contract's type; null for a field that the contract does not have and that is passed over.</param>
/// <param name="Found">The value, as JSON, cut; null where it is absent.</param>
/// <param name="Problem">What is wrong with it; null where nothing is.</param>
public sealed record FieldDifference(string Field, string? Type, bool Nullable, string? Found, string? Problem, string? Expected);
