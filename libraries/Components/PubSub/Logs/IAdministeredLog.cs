namespace RealTimeMesh.Components;

/// <summary>A log's storage that can be administered: what <see cref="LogAdmin"/> needs.</summary>
public interface IAdministeredLog : IMessageLog
{
    /// <summary>Names and defaults of the settings a topic may have.</summary>
    IReadOnlyDictionary<string, string> SettingDefaults { get; }

    /// <summary>Creates a topic; null where it exists. Without a number it gets the log's default of partitions.</summary>
    LogTopic? CreateTopic(string name, int? partitions);

    /// <summary>Deletes a topic with records, positions and settings. Publishes to it that were not acknowledged yet fail.</summary>
    void DeleteTopic(LogTopic topic);

    /// <summary>Grows a topic; nothing where it has that many already.</summary>
    void Grow(LogTopic topic, int partitions);

    /// <summary>The settings that were set for a topic.</summary>
    IReadOnlyDictionary<string, string> GetSettings(LogTopic topic);

    /// <summary>Replaces the settings of a topic.</summary>
    void SetSettings(LogTopic topic, IReadOnlyDictionary<string, string> settings);

    /// <summary>All committed positions of all groups.</summary>
    IReadOnlyList<LogCommit> AllCommitted();

    /// <summary>When a record was stored, ms since 1970; null where it is gone. Never decreases along a partition.</summary>
    long? FindTimestamp(LogPartition partition, long offset);

    /// <summary>Bytes of records that a partition holds.</summary>
    long SizeOf(LogPartition partition);
}

/// <summary>A committed position.</summary>
public readonly record struct LogCommit(LogPartition Partition, string Group, long Offset);
