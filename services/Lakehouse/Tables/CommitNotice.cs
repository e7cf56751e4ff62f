namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>What <c>lakehouse.commits</c> carries.</summary>
internal sealed record CommitNotice(string Pipeline, string Table, long Version, long Rows);
