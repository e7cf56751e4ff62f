namespace RealTimeMesh.DeltaLake;

/// <summary>What a transaction has read, and so what a winner must not have changed.</summary>
internal sealed class ReadSet
{
    private readonly List<Func<AddFile, bool>> _predicates = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public bool WholeTable { get; set; }

    /// <summary>True where nothing was read: a blind append.</summary>
    public bool IsEmpty => !WholeTable && _predicates.Count == 0 && _paths.Count == 0;

    public void Where(Func<AddFile, bool> mayMatch) => _predicates.Add(mayMatch);

    public void File(AddFile file) => _paths.Add(file.Path);

    /// <summary>Whether rows of a file that came later belong to what was read.</summary>
    public bool Covers(AddFile added) => WholeTable || _predicates.Exists(mayMatch => mayMatch(added));

    /// <summary>Whether a file that went was read.</summary>
    public bool Includes(RemoveFile removed) => WholeTable || _paths.Contains(removed.Path);
}
