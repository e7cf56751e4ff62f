namespace RealTimeMesh.Contracts;

/// <summary>A configuration that cannot be started, with every fault found in it.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : RealTimeMeshException(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
