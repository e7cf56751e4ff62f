using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Which data files may hold rows that a predicate is true for, by partition values and statistics. Never leaves out a file that has
/// one: what is not known, not parsed or not understood counts as possible.
/// </summary>
public static class FilePruning
{
    /// <summary>
    /// The files of a snapshot that must be read for a predicate, which <see cref="DeltaExpression.ResolvePredicate(StructType, DateTimeOffset)"/>
    /// has resolved against the snapshot's schema.
    /// </summary>
    /// <param name="files">Some of the snapshot's files; null for all.</param>
    public static PrunedFiles Prune(Snapshot snapshot, DeltaExpression predicate, IReadOnlyList<AddFile>? files = null)
    {
        files ??= snapshot.Files;
        var kept = files.Where(file => Analyze(snapshot, predicate, file).True).ToList();
        return new PrunedFiles(kept, files.Count - kept.Count);
    }

    /// <summary>What partition values and statistics tell of a predicate on one file.</summary>
    public static FileMatch Match(Snapshot snapshot, DeltaExpression predicate, AddFile file)
    {
        var outcome = Analyze(snapshot, predicate, file);
        return !outcome.True ? FileMatch.NoRow : outcome.False || outcome.Null ? FileMatch.SomeRows : FileMatch.EveryRow;
    }

    /// <summary>Whether the predicate asks for nothing but partition columns, so that it is the same for all rows of a file.</summary>
    public static bool IsPartitionOnly(Snapshot snapshot, DeltaExpression predicate) =>
        predicate.References().All(column => column.Path.Count == 1 && snapshot.PartitionColumns.Contains(column.Field.Name, StringComparer.OrdinalIgnoreCase));

    private static Outcome Analyze(Snapshot snapshot, DeltaExpression predicate, AddFile file)
    {
        using var statistics = new FileStatistics(file, snapshot.PartitionColumns);
        return new PredicateAnalysis(statistics, []).Analyze(predicate);
    }
}

/// <summary>Files that a predicate leaves to be read.</summary>
/// <param name="Files">Those that may hold matching rows.</param>
/// <param name="Skipped">How many were left out.</param>
public sealed record PrunedFiles(IReadOnlyList<AddFile> Files, int Skipped);

/// <summary>How many of a file's rows a predicate is true for, as far as metadata tells.</summary>
public enum FileMatch
{
    /// <summary>None: the file need not be read.</summary>
    NoRow,

    /// <summary>Perhaps some: only reading tells.</summary>
    SomeRows,

    /// <summary>All of them: the file need not be read either.</summary>
    EveryRow,
}
