using System.Net;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.State;

/// <summary>What was overwritten and deleted leaves no memory behind.</summary>
public sealed class MemoryTests
{
    private const double AllowedMiB = 50;

    [Fact]
    public async Task Two_hundred_saves_of_three_megabytes_leave_nothing_behind()
    {
        var body = $$"""[{"key":"key1","value":"{{new string('0', 3 << 20)}}"}]""";
        await LeavesNothingAsync(body, "", 200);
    }

    [Fact]
    public async Task Four_hundred_transactions_of_three_megabytes_leave_nothing_behind()
    {
        var body = $$$"""{"operations": [{"operation": "upsert","request": {"key": "key1","value": "{{{new string('0', 3 << 20)}}}"}}]}""";
        await LeavesNothingAsync(body, "/transaction", 400);
    }

    private static async Task LeavesNothingAsync(string body, string path, int times)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("mystore")] });
        var before = await MemoryAsync(daprd);
        for (var i = 0; i < times; i++)
            Assert.Equal(HttpStatusCode.NoContent, (await daprd.PostAsync($"/v1.0/state/mystore{path}", body)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await daprd.SendAsync(HttpMethod.Delete, "/v1.0/state/mystore/key1", null, null)).Status);
        double after = 0;
        await Eventually.TrueAsync(async () => Math.Abs((after = await MemoryAsync(daprd)) - before) <= AllowedMiB, () => $"growth of at most {AllowedMiB} MiB; found {before:F0} to {after:F0}");
    }

    private static async Task<double> MemoryAsync(Daprd daprd) =>
        (await daprd.MetricsAsync()).Single(pair => pair.Key.StartsWith("process_resident_memory_bytes", StringComparison.Ordinal)).Value / (1024 * 1024);
}
