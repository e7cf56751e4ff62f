using System.Globalization;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>The seeds of the fuzzing tests: fixed ones, or those that <c>MESH_FUZZ_SEEDS</c> lists, separated by commas.</summary>
public static class FuzzSeeds
{
    public static TheoryData<int> All =>
    [
        .. Environment.GetEnvironmentVariable("MESH_FUZZ_SEEDS") is { Length: > 0 } listed
            ? listed.Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))
            : [4711, 20261123],
    ];
}
