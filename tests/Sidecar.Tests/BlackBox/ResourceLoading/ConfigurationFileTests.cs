namespace RealTimeMesh.Sidecar.Tests.BlackBox.ResourceLoading;

public sealed class ConfigurationFileTests
{
    [Fact]
    public async Task Features_of_the_last_file_replace_those_before()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Configs = [Feature("Feature1"), Feature("Feature2")] });
        var features = DaprdReads.List(await daprd.MetadataAsync(), "enabledFeatures").Select(feature => feature.GetString()).ToList();
        Assert.Contains("Feature2", features);
        Assert.DoesNotContain("Feature1", features);
    }

    [Fact]
    public async Task Missing_file_ends_the_process()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Flags = ["--config=/no/such/config.yaml"] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("Fatal error from runtime: error loading configuration: stat /no/such/config.yaml: no such file or directory");
    }

    [Fact]
    public async Task File_with_a_wrong_type_ends_the_process()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Configs = ["spec: {metrics: {enabled: often}}"] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("Fatal error from runtime: error loading configuration: yaml: unmarshal errors:");
        await daprd.LoggedAsync("cannot unmarshal !!str `often` into bool");
    }

    [Fact]
    public async Task Secret_scope_of_a_store_that_does_not_exist_is_told()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Configs = ["spec: {secrets: {scopes: [{storeName: customsecretstore1, defaultAccess: deny}]}}"] });
        await daprd.LoggedAsync("Secrets configuration added for 'customsecretstore1', but no matching secret store was found");
    }

    private static string Feature(string name) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: {name: {{name}}}
        spec: {features: [{name: {{name}}, enabled: true}]}
        """;
}
