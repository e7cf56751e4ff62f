namespace RealTimeMesh.Components;

/// <summary>Why an administrative request was refused.</summary>
public enum AdminRefusal
{
    /// <summary>A value of the request is wrong.</summary>
    Invalid,

    /// <summary>There is no such topic, partition or group.</summary>
    NotFound,

    /// <summary>It exists already, or live consumers are in the way.</summary>
    Conflict,

    /// <summary>This broker cannot do that.</summary>
    Unsupported,

    /// <summary>The broker did not answer, or failed.</summary>
    Failed,
}

/// <summary>An administrative request was refused.</summary>
public sealed class AdminException(AdminRefusal refusal, string message, Exception? innerException = null) : BrokerException(message, innerException)
{
    public AdminRefusal Refusal { get; } = refusal;

    public static AdminException NoTopic(string topic) =>
        new(AdminRefusal.NotFound, $"topic '{topic}': found none of this name; expected one that exists; check the name, or create it.");

    public static AdminException NoPartition(string topic, int partition, int count) =>
        new(AdminRefusal.NotFound, $"topic '{topic}': found partition {partition}; expected 0 to {count - 1}; choose one of these.");

    public static AdminException NoGroup(string group) =>
        new(AdminRefusal.NotFound, $"group '{group}': found neither members nor committed positions; expected a group that has consumed; check the name.");

    public static AdminException Exists(string topic) =>
        new(AdminRefusal.Conflict, $"topic '{topic}': found one of this name; expected none; choose another name, or use it.");
}
