namespace RealTimeMesh.SparkJobs.Builds;

/// <summary>What is known of tables, loads and recent builds, for the endpoints.</summary>
internal sealed class BuildBoard(int historyLength)
{
    private readonly Lock _lock = new();
    private readonly Queue<BuildRecord> _history = new();
    private readonly Dictionary<(string, string), TableStatus> _tables = [];
    private readonly Dictionary<(string, string), LoadStatus> _loads = [];

    public void Record(BuildRecord record)
    {
        lock (_lock)
        {
            _history.Enqueue(record);
            while (_history.Count > historyLength)
                _history.Dequeue();
        }
    }

    public void Set(TableStatus status)
    {
        lock (_lock)
            _tables[(status.Pipeline, status.Table)] = status with { LastBuild = status.LastBuild ?? _tables.GetValueOrDefault((status.Pipeline, status.Table))?.LastBuild };
    }

    public void Set(LoadStatus status)
    {
        lock (_lock)
            _loads[(status.Pipeline, status.Table)] = status;
    }

    public TableStatus? Table(string pipeline, string table)
    {
        lock (_lock)
            return _tables.GetValueOrDefault((pipeline, table));
    }

    public LoadStatus? Load(string pipeline, string table)
    {
        lock (_lock)
            return _loads.GetValueOrDefault((pipeline, table));
    }

    public IReadOnlyList<TableStatus> Tables(string? pipeline)
    {
        lock (_lock)
            return [.. _tables.Values.Where(status => pipeline is null || status.Pipeline == pipeline)];
    }

    public IReadOnlyList<LoadStatus> Loads(string? pipeline)
    {
        lock (_lock)
            return [.. _loads.Values.Where(status => pipeline is null || status.Pipeline == pipeline)];
    }

    /// <summary>Recent builds, newest first.</summary>
    public IReadOnlyList<BuildRecord> History(int limit)
    {
        lock (_lock)
            return [.. _history.Reverse().Take(limit)];
    }
}
