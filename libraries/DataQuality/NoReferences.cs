namespace RealTimeMesh.DataQuality;

/// <summary>For suites that name no reference table.</summary>
public sealed class NoReferences : IReferenceValues
{
    public static readonly NoReferences Instance = new();

    private NoReferences()
    {
    }

    public IReadOnlySet<string>? Find(string reference, string column) => null;
}
