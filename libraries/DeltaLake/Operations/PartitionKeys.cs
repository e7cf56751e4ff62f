namespace RealTimeMesh.DeltaLake;

/// <summary>Tells which files are of one partition: texts that are equal for equal values, null and the empty text being one (PROTOCOL.md, "Partition Value Serialization").</summary>
internal sealed class PartitionKeys(Snapshot snapshot)
{
    private readonly string[] _names = [.. snapshot.PartitionColumns.Select(name => snapshot.Schema.Find(name)!.PhysicalName)];

    public string Of(AddFile file) =>
        string.Join('\u0001', _names.Select(name => file.PartitionValues.GetValueOrDefault(name) is { Length: > 0 } value ? "v" + value : "n"));
}
