namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>What is wrong with single files of a folder, for people: bounded, by name.</summary>
internal sealed class FileProblems
{
    private const int MaxListed = 100;

    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _unlisted;

    public void Set(string file, string problem)
    {
        lock (_lock)
        {
            if (_problems.Count < MaxListed || _problems.ContainsKey(file))
                _problems[file] = problem;
            else
                _unlisted++;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _problems.Clear();
            _unlisted = 0;
        }
    }

    /// <summary>The problems by file, and how many there are in all.</summary>
    public (IReadOnlyList<FileProblem> Listed, long Count) Read()
    {
        lock (_lock)
            return ([.. _problems.Select(problem => new FileProblem(problem.Key, problem.Value))], _problems.Count + _unlisted);
    }
}

/// <summary>What is wrong with one file.</summary>
internal sealed record FileProblem(string File, string Problem);
