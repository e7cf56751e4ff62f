using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components.Tests;

public sealed class SecretResolverTests
{
    private readonly Dictionary<string, ISecretStore> _stores = [];
    private readonly Dictionary<string, string> _environment = [];
    private readonly LogLines _log = new();

    [Fact]
    public async Task References_get_the_values_of_their_secrets()
    {
        var store = new FakeStore { ["db"] = new() { ["user"] = "u", ["db"] = "d" } };
        _stores["vault"] = store;
        var spec = Spec("vault", new("a") { SecretName = "db", SecretKey = "user" }, new("b") { SecretName = "db" }, new("c") { Value = "plain" });
        var (resolved, missing) = await ResolveAsync(spec);
        Assert.Null(missing);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "u", ["b"] = "d", ["c"] = "plain" }, resolved.Metadata);
        Assert.Equal(["db/ns"], store.Reads);
    }

    [Fact]
    public async Task A_component_waits_for_a_store_that_is_not_started()
    {
        var spec = Spec("vault", new ResourceSetting("a") { SecretName = "db" });
        var (same, missing) = await ResolveAsync(spec);
        Assert.Equal(("vault", spec), (missing, same));
        Assert.Equal(["Warning Component c references a secret store that isn't loaded: vault"], _log);
    }

    [Fact]
    public async Task A_reference_without_a_store_waits_for_good()
    {
        Assert.Equal("", (await ResolveAsync(Spec("", new ResourceSetting("a") { SecretName = "db" }))).MissingStore);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_had_is_logged_and_its_setting_left_without_value()
    {
        _stores["vault"] = new FakeStore { ["other"] = new() { ["k"] = "v", ["empty"] = "" } };
        var spec = Spec("vault", new("a") { SecretName = "absent" }, new("b") { SecretName = "other", SecretKey = "nokey" }, new("c") { SecretName = "other", SecretKey = "empty", Value = "kept" });
        var (resolved, missing) = await ResolveAsync(spec);
        Assert.Null(missing);
        Assert.Equal(new Dictionary<string, string> { ["c"] = "kept" }, resolved.Metadata);
        Assert.Equal(["Error Error getting secret: secret absent not found"], _log);
    }

    [Fact]
    public async Task Environment_references_are_read_where_there_is_no_value()
    {
        _environment["HOST"] = "h:1";
        var spec = Spec("", new("a") { EnvRef = "HOST" }, new("b") { EnvRef = "HOST", Value = "own" }, new("c") { EnvRef = "UNSET" }, new("d") { EnvRef = "DAPR_API_TOKEN" }, new("e") { EnvRef = "APP_API_TOKEN" });
        var (resolved, _) = await ResolveAsync(spec);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "h:1", ["b"] = "own", ["c"] = "" }, resolved.Metadata);
        Assert.Equal(["Warning Component c references an env variable that isn't allowed: DAPR_API_TOKEN", "Warning Component c references an env variable that isn't allowed: APP_API_TOKEN"], _log);
    }

    [Fact]
    public async Task Only_listed_variables_may_be_referred_to_where_there_is_a_list()
    {
        (_environment["A"], _environment["AB"], _environment["DAPR_ENV_KEYS"]) = ("1", "2", "X AB Y");
        var (resolved, _) = await ResolveAsync(Spec("", new("a") { EnvRef = "A" }, new("ab") { EnvRef = "ab" }, new("b") { EnvRef = "AB" }));
        Assert.Equal(new Dictionary<string, string> { ["ab"] = "", ["b"] = "2" }, resolved.Metadata);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\"quoted\\n\\u00e9\"", "quoted\né")]
    [InlineData("`raw\\n`", "raw\\n")]
    [InlineData("'é'", "é")]
    [InlineData("'ab'", "'ab'")]
    [InlineData("\"open", "\"open")]
    [InlineData("\"bad\\q\"", "\"bad\\q\"")]
    [InlineData("\"cut\\u00\"", "\"cut\\u00\"")]
    [InlineData("\"", "\"")]
    public async Task Values_that_are_Go_literals_are_taken_as_the_text_they_stand_for(string stored, string value)
    {
        _stores["vault"] = new FakeStore { ["s"] = new() { ["s"] = stored } };
        Assert.Equal(value, (await ResolveAsync(Spec("vault", new ResourceSetting("a") { SecretName = "s" }))).Resource.Metadata["a"]);
    }

    [Fact]
    public void Secret_stores_start_first_and_what_waits_for_one_follows_it()
    {
        ComponentSpec[] specs = [Of("state", "state.in-memory"), Of("vault", "secretstores.local.env"), Of("pubsub", "pubsub.in-memory"), Of("env", "secretstores.local.env")];
        Assert.Equal(["vault", "env", "state", "pubsub"], ComponentStartOrder.SecretStoresFirst(specs).Select(s => s.Name));
        var order = new ComponentStartOrder();
        order.Park("late", Of("state", "state.in-memory"));
        order.Park("late", Of("state", "state.redis"));
        order.Park("late", Of("pubsub", "pubsub.in-memory"));
        order.Park("never", Of("x", "state.in-memory"));
        Assert.Empty(order.Started(Of("late", "state.in-memory")));
        Assert.Equal([("state", "state.redis"), ("pubsub", "pubsub.in-memory")], order.Started(Of("late", "secretstores.local.env")).Select(s => (s.Name, s.Type)));
        Assert.Equal(["x"], order.Parked.Select(s => s.Name));
        order.Remove("x");
        Assert.Empty(order.Parked);
    }

    private Task<SecretResolution<ComponentSpec>> ResolveAsync(ComponentSpec spec) =>
        new SecretResolver(_stores.GetValueOrDefault, _environment.GetValueOrDefault, _log).ResolveAsync(spec, TestContext.Current.CancellationToken);

    private static ComponentSpec Spec(string store, params ResourceSetting[] settings) =>
        new() { Name = "c", Type = "state.in-memory", Namespace = "ns", SecretStore = store, Settings = settings };

    private static ComponentSpec Of(string name, string type) => new() { Name = name, Type = type };

    private sealed class FakeStore : Dictionary<string, Dictionary<string, string>>, ISecretStore
    {
        public List<string> Reads { get; } = [];

        public IReadOnlyList<string> Features => [];

        public Task<IReadOnlyDictionary<string, string>> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
        {
            Reads.Add($"{name}/{metadata["namespace"]}");
            return TryGetValue(name, out var values)
                ? Task.FromResult<IReadOnlyDictionary<string, string>>(values)
                : throw new SecretStoreException($"secret {name} not found");
        }

        public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }

    private sealed class LogLines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add($"{logLevel} {formatter(state, exception)}");
    }
}
