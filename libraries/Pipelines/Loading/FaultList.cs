using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Collects the faults of one file.</summary>
internal sealed class FaultList(string file)
{
    private readonly List<ConfigurationFault> _faults = [];

    public string File { get; } = file;

    public IReadOnlyList<ConfigurationFault> All => _faults;

    public void Add(int line, string element, string found, string expected, string cure) =>
        _faults.Add(new ConfigurationFault(File, line, element, found, expected, cure));

    public void AddRange(IEnumerable<ConfigurationFault> faults) => _faults.AddRange(faults);
}
