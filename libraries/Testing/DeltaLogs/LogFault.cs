namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>One thing in a table's log that the Delta protocol does not allow, or that is not true of the table.</summary>
/// <param name="Version">The version it stands in; -1 where it belongs to none.</param>
/// <param name="Subject">The action, file or field.</param>
public sealed record LogFault(long Version, string Subject, string Found, string Expected)
{
    public override string ToString() => $"version {Version}, {Subject}: found {Found}; expected {Expected}";
}
