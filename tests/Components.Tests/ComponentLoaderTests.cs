using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components.Tests;

public sealed class ComponentLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("components-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_reads_components_of_all_documents_and_keeps_lines()
    {
        Write("a.yaml", """
            # two in one file
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
              namespace: default
            spec:
              type: pubsub.in-memory
              version: v1
              metadata:
                - name: partitions
                  value: 8
                - name: consumerID
                  value: "me"
            scopes: [orders, payments]
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: state }
            spec: { type: state.in-memory, version: v1, metadata: [ { name: actorStateStore, value: true } ] }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: config }
            ---
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: { name: s }
            spec: { topic: t }
            """);
        var result = ComponentLoader.Load([_folder]);
        Assert.Empty(result.Faults);
        Assert.Equal(["pubsub", "state"], result.Components.Select(c => c.Name));
        var pubsub = result.Components[0];
        Assert.Equal(("8", "me", "me"), (pubsub.Metadata["partitions"], pubsub.Metadata["consumerID"], pubsub.Metadata["CONSUMERid"]));
        Assert.Equal((2, 11, 13), (pubsub.Line, pubsub.MetadataLines["partitions"], pubsub.MetadataLines["consumerid"]));
        Assert.Equal(["orders", "payments"], pubsub.Scopes);
        Assert.Equal("true", result.Components[1].Metadata["actorStateStore"]);
        Assert.Equal("Subscription", Assert.Single(result.Subscriptions).Kind);
    }

    [Fact]
    public void Load_resolves_references_to_the_environment_and_reports_missing_ones()
    {
        Write("a.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: s }
            spec:
              type: state.redis
              version: v1
              metadata:
                - name: redisPassword
                  secretKeyRef: { name: REDIS_PASSWORD, key: REDIS_PASSWORD }
                - { name: redisHost, envRef: REDIS_HOST }
                - { name: redisUsername, envRef: REDIS_USER }
            """);
        var result = ComponentLoader.Load([_folder], name => name switch { "REDIS_PASSWORD" => "secret", "REDIS_HOST" => "h:1", _ => null });
        var spec = Assert.Single(result.Components);
        Assert.Equal(("secret", "h:1"), (spec.Metadata["redisPassword"], spec.Metadata["redisHost"]));
        var fault = Assert.Single(result.Faults);
        Assert.Equal(11, fault.Line);
        Assert.Contains("REDIS_USER", fault.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_reports_every_fault_of_every_file()
    {
        Write("a.yaml", "apiVersion: dapr.io/v2\nkind: Component\nmetadata: { name: x }\nspec:\n  type: pubsub.in-memory\n  metadata:\n    - { name: a, value: [1] }\n    - { name: b }\n    - { name: c, value: 1 }\n    - { name: C, value: 2 }\n  colour: red\n");
        Write("b.yaml", "kind: [unclosed\n");
        Write("c.yml", "apiVersion: dapr.io/v1alpha1\nkind: Komponent\n");
        Write("d.yaml", "apiVersion: dapr.io/v1alpha1\nkind: Component\nspec: {}\n");
        Write("ignored.txt", "kind: [unclosed\n");
        var faults = ComponentLoader.Load([_folder, Path.Combine(_folder, "absent")]).Faults;
        Assert.Equal(
            [("a.yaml", 1), ("a.yaml", 7), ("a.yaml", 8), ("a.yaml", 10), ("a.yaml", 11), ("absent", 0), ("c.yml", 2), ("d.yaml", 1), ("d.yaml", 3)],
            faults.Select(f => (File: Path.GetFileName(f.File), f.Line)).Where(f => f.File != "b.yaml").Order());
        Assert.Single(faults, f => f.File.EndsWith("b.yaml", StringComparison.Ordinal));
        Assert.All(faults, f => Assert.All([f.Element, f.Found, f.Expected, f.Cure], text => Assert.NotEmpty(text)));
    }

    [Fact]
    public void Registry_reports_unknown_types_and_settings_wrong_values_and_second_names()
    {
        Write("a.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: one }
            spec:
              type: pubsub.in-memory-log
              version: v1
              metadata:
                - { name: partitions, value: zero }
                - { name: colour, value: red }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: one }
            spec: { type: pubsub.rabbit, version: v1 }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: two }
            spec: { type: test.needy, version: v9 }
            """);
        var registry = new ComponentTypeRegistry([new InMemoryLogType(), new NeedyType()]);
        var faults = registry.Validate(ComponentLoader.Load([_folder]).Components);
        Assert.Equal([8, 9, 11, 11, 16, 16], faults.Select(f => f.Line));
        Assert.Contains("1 to 1024", faults[0].Expected, StringComparison.Ordinal);
        Assert.Contains("consumerID", faults[1].Expected, StringComparison.Ordinal);
        Assert.Contains("second component", faults[2].Found, StringComparison.Ordinal);
        Assert.Contains("pubsub.in-memory-log", faults[3].Expected, StringComparison.Ordinal);
        Assert.Contains("v1", faults[4].Expected, StringComparison.Ordinal);
        Assert.Contains("url", faults[5].Element, StringComparison.Ordinal);
    }

    [Fact]
    public void Registry_refuses_two_types_of_one_name() =>
        Assert.Throws<RealTimeMeshException>(() => new ComponentTypeRegistry([new InMemoryStateType(), new InMemoryStateType()]));

    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("0", 0)]
    [InlineData("-2s", -2000)]
    public void Durations_are_read_as_Go_writes_them(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1d")]
    [InlineData("1.2.3s")]
    public void Durations_of_another_form_are_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private sealed class NeedyType : IComponentType
    {
        public string Name => "test.needy";

        public IReadOnlyList<ComponentSetting> Settings { get; } = [new("url", Required: true)];

        public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
