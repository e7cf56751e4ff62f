using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace RealTimeMesh.Polyglot.Tests.DotNet;

public sealed class DaprClientRuntimeTests(DaprClientWorld world)
{
    [Fact]
    public async Task The_sidecar_is_healthy()
    {
        Assert.True(await world.Client.CheckHealthAsync());
        Assert.True(await world.Client.CheckOutboundHealthAsync());
        await world.Client.WaitForSidecarAsync();
    }

    [Fact]
    public async Task Metadata_name_the_app_and_its_components_and_what_was_set()
    {
        await world.Client.SetMetadataAsync("colour", "blue ✈");
        var metadata = await world.Client.GetMetadataAsync();
        Assert.Equal(world.AppId, metadata.Id);
        Assert.Equal("blue ✈", metadata.Extended["colour"]);
        var store = Assert.Single(metadata.Components, component => component.Name == "statestore");
        Assert.Equal(("state.in-memory", "v1"), (store.Type, store.Version));
        Assert.Contains("TRANSACTIONAL", store.Capabilities);
    }

    [Fact]
    public async Task Secrets_are_read_one_by_one_and_all_at_once()
    {
        Assert.Equal("s3cret ✈", Assert.Single(await world.Client.GetSecretAsync("files", "password")).Value);
        var all = await world.Client.GetBulkSecretAsync("files");
        Assert.Equal(["password", "redis:user"], all.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("mesh", all["redis:user"]["redis:user"]);
        var error = await Assert.ThrowsAsync<DaprException>(() => world.Client.GetSecretAsync("files", "nothing"));
        Assert.Contains("secret nothing not found", Assert.IsType<RpcException>(error.InnerException).Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_waits_for_its_sidecar_and_shuts_it_down()
    {
        await using var daprd = await Daprd.LaunchAsync();
        using var client = daprd.Client();
        Assert.False(await client.CheckHealthAsync());
        await client.WaitForSidecarAsync();
        Assert.True(await client.CheckHealthAsync());
        await client.ShutdownSidecarAsync();
        Assert.Equal(0, await daprd.ExitedAsync());
    }
}
