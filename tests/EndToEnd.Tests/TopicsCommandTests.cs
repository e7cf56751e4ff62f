using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The <c>topics</c> commands as a user runs them, over a log without a mesh.</summary>
public sealed class TopicsCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("topics-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Topics_are_made_listed_and_deleted_only_when_asked_for_twice()
    {
        await RunAsync(0, "create", "orders", "--partitions", "3", "--set", "retention.ms=60000");
        var listed = JsonDocument.Parse((await RunAsync(0, "ls", "--json")).Output).RootElement;
        Assert.Equal("orders", Assert.Single(listed.EnumerateArray()).GetProperty("name").GetString());
        Assert.Contains("60000", (await RunAsync(0, "describe", "orders")).Output, StringComparison.Ordinal);
        Assert.Contains("nothing was deleted", (await RunAsync(0, "delete", "orders")).Output, StringComparison.Ordinal);
        await RunAsync(0, "delete", "orders", "--yes");
        Assert.Contains("found none of this name", (await RunAsync(1, "describe", "orders")).Errors, StringComparison.Ordinal);
        Assert.Contains("delete topic", (await RunAsync(0, "audit")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_is_sized_with_what_ifs_and_a_wrong_figure_is_named()
    {
        var sizes = JsonDocument.Parse((await RunAsync(0, "size", "eventsPerSecond=20000", "eventBytes=400", "brokerPrice=300", "--what-if", "retentionDays=3", "--json")).Output).RootElement;
        Assert.Equal(["base", "retentionDays=3"], sizes.EnumerateArray().Select(size => size.GetProperty("name").GetString()));
        Assert.Contains("eventBytes", (await RunAsync(1, "size", "eventsPerSecond=1")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nothing_listens_is_told_with_the_cure()
    {
        Assert.Contains("expected a running mesh", (await RunAsync(1, "ls", "--url", "http://127.0.0.1:1")).Errors, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(int code, params string[] arguments)
    {
        var result = await LakeProcess.HostAsync(new Dictionary<string, string>(), ["topics", .. arguments, "--data", _folder]);
        Assert.True(result.Code == code, result.Output + result.Errors);
        return result;
    }
}
