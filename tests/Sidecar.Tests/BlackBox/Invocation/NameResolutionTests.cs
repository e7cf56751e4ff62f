using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary><c>spec.nameResolution</c> of the Configuration.</summary>
public sealed class NameResolutionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sidecars_of_one_database_find_each_other_and_no_others()
    {
        await using var app = await WebTestApp.StartAsync(context => context.Response.WriteAsync("here"));
        await using var one = await StartAsync("names.db", app.Port);
        await using var two = await StartAsync("names.db", app.Port);
        await using var other = await StartAsync("others.db", app.Port);
        await one.LoggedAsync("Initialized name resolution to sqlite");
        await one.LoggedAsync("Creating hosts table 'hosts'");
        Assert.Equal("here", await two.Http.GetStringAsync($"/v1.0/invoke/{one.AppId}/method/x"));
        Assert.Equal("here", await one.Http.GetStringAsync($"/v1.0/invoke/{two.AppId}/method/x"));
        Assert.Equal(500, (int)(await other.GetAsync($"/v1.0/invoke/{one.AppId}/method/x")).Status);

        // One that ends takes itself out.
        Assert.Equal(0, await one.StopAsync());
        var answer = await two.GetAsync($"/v1.0/invoke/{one.AppId}/method/x");
        Assert.Equal(500, (int)answer.Status);
        Assert.Contains(one.AppId, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_resolver_sidecars_of_the_host_are_found_as_by_mdns()
    {
        await using var daprd = await Daprd.StartAsync();
        await daprd.LoggedAsync("Initialized name resolution to mdns");
    }

    [Theory]
    [InlineData("consul", "", "[CREATE_COMPONENT_FAILURE]: initialization error occurred for nr (consul/v1): couldn't find name resolver consul/v1")]
    [InlineData("sqlite", "", "[INIT_COMPONENT_FAILURE]: initialization error occurred for nr (sqlite/v1): missing connection string")]
    [InlineData("sqlite", "{connectionString: x.db, updateInterval: 1s}", "[INIT_COMPONENT_FAILURE]: initialization error occurred for nr (sqlite/v1): update interval must be at least 1s greater than timeout")]
    [InlineData("sqlite", "{connectionString: x.db, tableName: a b}", "[INIT_COMPONENT_FAILURE]: initialization error occurred for nr (sqlite/v1): invalid identifier for table name: a b")]
    [InlineData("sqlite", "{connectionString: /nowhere/x.db}", "[INIT_COMPONENT_FAILURE]: initialization error occurred for nr (sqlite/v1): failed to create connection: ")]
    public async Task Resolver_that_cannot_be_made_ends_the_process(string component, string configuration, string text)
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Configs = [Configuration(component, configuration)] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync(text);
    }

    private Task<Daprd> StartAsync(string database, int appPort) =>
        Daprd.StartAsync(new DaprdSetup { AppPort = appPort, Configs = [Configuration("sqlite", $"{{connectionString: '{Path.Combine(_folder.Path, database)}', updateInterval: 2s, timeout: 1s}}")] });

    private static string Configuration(string component, string configuration) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {{name: names}}\nspec:\n  nameResolution:\n    component: {component}\n" + (configuration.Length > 0 ? $"    configuration: {configuration}\n" : "");
}
