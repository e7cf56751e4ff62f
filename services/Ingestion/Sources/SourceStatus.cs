using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>What is known of a source, for everyone to read.</summary>
internal sealed class SourceStatus(StreamDefinition stream, SourceDefinition source, string kind)
{
    private SourceRecord _stored = new();
    private SourceFiles? _files;
    private string? _error;
    private Func<ChangeLag>? _lagOf;
    private long _total = -1;

    public StreamDefinition Stream => stream;

    public SourceDefinition Source => source;

    /// <summary>Key of the durable record.</summary>
    public string Key => KeyOf(stream.Pipeline, source.Name);

    public static string KeyOf(string pipeline, string source) => $"ingestion/source/{pipeline}/{source}";

    public string Kind => kind;

    /// <summary>The record as it is stored.</summary>
    public SourceRecord Stored
    {
        get => Volatile.Read(ref _stored);
        set => Volatile.Write(ref _stored, value);
    }

    /// <summary>What keeps the source from going on; null where nothing does.</summary>
    public string? Error
    {
        get => Volatile.Read(ref _error);
        set => Volatile.Write(ref _error, value);
    }

    /// <summary>How far behind its origin the source is; null where that has no meaning.</summary>
    public ChangeLag? Lag => Volatile.Read(ref _lagOf)?.Invoke();

    /// <summary>Measures the lag.</summary>
    public Func<ChangeLag>? LagOf
    {
        set => Volatile.Write(ref _lagOf, value);
    }

    /// <summary>What is known of a folder's files; null for other sources.</summary>
    public SourceFiles? Files
    {
        get => Volatile.Read(ref _files);
        set => Volatile.Write(ref _files, value);
    }

    /// <summary>Nothing is left to read now.</summary>
    public bool Done => Stored.Done || Files is { CaughtUp: true };

    /// <summary>Rows in all; null where unknown.</summary>
    public long? Total
    {
        get => Volatile.Read(ref _total) is >= 0 and var total ? total : null;
        set => Volatile.Write(ref _total, value ?? -1);
    }
}
