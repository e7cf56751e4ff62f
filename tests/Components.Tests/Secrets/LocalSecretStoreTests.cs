namespace RealTimeMesh.Components.Tests;

public sealed class LocalSecretStoreTests : IDisposable
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Environment_secrets_are_variables_with_the_prefix()
    {
        var store = await EnvironmentAsync("APP_", ("APP_KEY", "v"), ("APP_", "bare"), ("OTHER", "x"));
        Assert.Equal(new Dictionary<string, string> { ["KEY"] = "v" }, await store.GetAsync("KEY", NoMetadata, default));
        Assert.Equal(["KEY"], (await store.GetAllAsync(NoMetadata, default)).Keys);
    }

    [Fact]
    public async Task An_environment_secret_that_is_not_set_is_empty()
    {
        var store = await EnvironmentAsync("");
        Assert.Equal(new Dictionary<string, string> { ["absent"] = "" }, await store.GetAsync("absent", NoMetadata, default));
    }

    [Fact]
    public async Task Variables_of_dapr_are_not_shown()
    {
        var store = await EnvironmentAsync("", ("DAPR_API_TOKEN", "t"), ("dapr_x", "y"), ("APP_API_TOKEN", "t"), ("PATH", "p"));
        Assert.Equal("", (await store.GetAsync("DAPR_API_TOKEN", NoMetadata, default))["DAPR_API_TOKEN"]);
        Assert.Equal(["PATH"], (await store.GetAllAsync(NoMetadata, default)).Keys);
        var prefixed = await EnvironmentAsync("DAPR_", ("DAPR_X", "t"));
        Assert.Equal("", (await prefixed.GetAsync("X", NoMetadata, default))["X"]);
    }

    [Fact]
    public async Task File_secrets_are_leaves_named_by_their_path()
    {
        var store = await FileAsync("""{"a":"1","b":{"c":"2","d":{"e":"3"}},"list":["x",{"y":"z"}],"n":5,"big":123456789,"t":true,"nil":null,"a":"last"}""");
        Assert.Empty(store.Features);
        Assert.Equal(new Dictionary<string, string> { ["b:d:e"] = "3" }, await store.GetAsync("b:d:e", NoMetadata, default));
        Assert.Equal("last", (await store.GetAsync("a", NoMetadata, default))["a"]);
        Assert.Equal("z", (await store.GetAsync("list:1:y", NoMetadata, default))["list:1:y"]);
        Assert.Equal("%!s(float64=5)", (await store.GetAsync("n", NoMetadata, default))["n"]);
        Assert.Equal("%!s(float64=1.23456789e+08)", (await store.GetAsync("big", NoMetadata, default))["big"]);
        Assert.Equal("%!s(bool=true)", (await store.GetAsync("t", NoMetadata, default))["t"]);
        Assert.Equal("%!s(<nil>)", (await store.GetAsync("nil", NoMetadata, default))["nil"]);
        Assert.Equal(["a", "b:c", "b:d:e", "big", "list:0", "list:1:y", "n", "nil", "t"], (await store.GetAllAsync(NoMetadata, default)).Keys.Order(StringComparer.Ordinal));
        var missing = await Assert.ThrowsAsync<SecretStoreException>(() => store.GetAsync("b", NoMetadata, default));
        Assert.Equal("secret b not found", missing.Message);
    }

    [Fact]
    public async Task File_secrets_take_another_separator()
    {
        var store = await FileAsync("""{"b":{"c":"2"}}""", ("nestedSeparator", "."));
        Assert.Equal("2", (await store.GetAsync("b.c", NoMetadata, default))["b.c"]);
    }

    [Fact]
    public async Task Multi_valued_file_secrets_are_the_top_level_objects()
    {
        var store = await FileAsync("""{"plain":"1","db":{"user":"u","pass":{"old":"o","new":"n"}},"list":["x"],"n":5}""", ("multiValued", "true"));
        Assert.Equal(["MULTIPLE_KEY_VALUES_PER_SECRET"], store.Features);
        Assert.Equal(new Dictionary<string, string> { ["user"] = "u", ["pass:old"] = "o", ["pass:new"] = "n" }, await store.GetAsync("db", NoMetadata, default));
        Assert.Equal(new Dictionary<string, string> { ["plain"] = "1" }, await store.GetAsync("plain", NoMetadata, default));
        Assert.Equal(["db", "plain"], (await store.GetAllAsync(NoMetadata, default)).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_store_that_cannot_be_read_says_what_daprd_says()
    {
        async Task<string> Failure(params (string, string)[] settings) =>
            (await Assert.ThrowsAsync<SecretStoreException>(() => StartAsync(new LocalFileSecretStoreType(), settings))).Message;
        Assert.Equal("missing local secrets file in metadata", await Failure());
        var absent = Path.Combine(_folder, "absent.json");
        Assert.Equal($"open {absent}: no such file or directory", await Failure(("secretsFile", absent)));
        Assert.Equal("unexpected end of JSON input", await Failure(("secretsFile", Write(""))));
        Assert.StartsWith("json: cannot unmarshal array", await Failure(("secretsFile", Write("[1]"))), StringComparison.Ordinal);
        Assert.StartsWith("invalid JSON", await Failure(("secretsFile", Write("{\"a\":"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("allow", "", "", true)]
    [InlineData("", "", "", true)]
    [InlineData("Deny", "", "", false)]
    [InlineData("deny", "s,t", "", true)]
    [InlineData("deny", "t", "", false)]
    [InlineData("allow", "t", "", false)]
    [InlineData("allow", "", "s", false)]
    [InlineData("allow", "", "t", true)]
    [InlineData("allow", "s", "s", true)]
    public void A_scope_allows_what_daprds_rules_allow(string access, string allowed, string denied, bool expected)
    {
        var (documents, _) = ResourceFile.Read($"kind: Configuration\nspec:\n  secrets:\n    scopes:\n    - storeName: st\n      defaultAccess: '{access}'\n      allowedSecrets: [{allowed}]\n      deniedSecrets: [{denied}]\n", "c");
        var scope = Assert.Single(SecretScope.Read(documents[0].Root));
        Assert.Equal(("st", expected), (scope.StoreName, scope.Allows("s")));
    }

    [Fact]
    public void Scopes_that_contradict_themselves_are_refused()
    {
        static string Failure(string scopes) => Assert.Throws<SecretStoreException>(() => SecretScope.Read(ResourceFile.Read($"spec: {{ secrets: {{ scopes: [{scopes}] }} }}", "c").Documents[0].Root)).Message;
        Assert.Equal("a storeName is repeated in secrets configuration", Failure("{ storeName: a }, { storeName: a }"));
        Assert.Equal("defaultAccess maybe can be either allow or deny", Failure("{ storeName: a, defaultAccess: maybe }"));
    }

    private static async Task<ISecretStore> StartAsync(IComponentType type, params (string Name, string Value)[] settings) =>
        (ISecretStore)await new ComponentTypeRegistry([type]).StartAsync(
            new ComponentSpec { Name = "store", Type = type.Name, Metadata = settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.OrdinalIgnoreCase) },
            new ComponentContext("app", "", TimeProvider.System), TestContext.Current.CancellationToken);

    private static Task<ISecretStore> EnvironmentAsync(string prefix, params (string Name, string Value)[] variables) =>
        StartAsync(new LocalEnvSecretStoreType(() => variables.ToDictionary(v => v.Name, v => v.Value)), ("prefix", prefix));

    private Task<ISecretStore> FileAsync(string json, params (string, string)[] settings) =>
        StartAsync(new LocalFileSecretStoreType(), [("secretsFile", Write(json)), .. settings]);

    private string Write(string json)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        File.WriteAllText(path, json);
        return path;
    }
}
