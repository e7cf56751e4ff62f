using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Reasons of dead letters that stand for parts of files.</summary>
internal static class FileFaults
{
    /// <summary>Rule of a dead letter that stands for the rest of a file or block, which can't be read.</summary>
    public const string Rule = "file";

    public static RejectReason Reason(string path, string fault)
    {
        var prefix = $"file '{path}': ";
        var found = fault.StartsWith(prefix, StringComparison.Ordinal) ? fault[prefix.Length..] : fault;
        // The head of a long path says less than its name.
        var shown = path.Length <= 80 ? path : $"…{path[^80..]}";
        return new RejectReason(Rule, null, $"'{shown}': {found}", "a file that can be read to its end");
    }
}
