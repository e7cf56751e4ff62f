namespace RealTimeMesh.Components.Tests;

/// <summary>Resource files as daprd reads them.</summary>
public sealed class DaprLoadingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Field_names_may_be_of_any_case_and_unknown_fields_are_ignored()
    {
        Write("a.yaml", """
            APIVERSION: dapr.io/v1alpha1
            Kind: Component
            colour: red
            metadata: { NAME: pubsub, labels: { a: 1 } }
            Spec: { TYPE: pubsub.in-memory, METADATA: [ { Name: partitions, VALUE: 3, note: x } ], InitTimeout: 20s, ignoreerrors: true }
            """);
        var spec = Assert.Single(Load().Components);
        Assert.Equal(("pubsub", "pubsub.in-memory", "3"), (spec.Name, spec.Type, spec.Metadata["partitions"]));
        Assert.Equal((TimeSpan.FromSeconds(20), true), (spec.InitTimeout, spec.IgnoreErrors));
    }

    [Fact]
    public void The_last_of_repeated_keys_counts()
    {
        Write("a.yaml", "apiVersion: dapr.io/v9\napiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: one\n  name: two\nspec:\n  type: state.in-memory\n");
        Assert.Equal("two", Assert.Single(Load().Components).Name);
    }

    [Fact]
    public void A_file_may_be_a_JSON_document()
    {
        Write("a.yaml", """{"kind":"Component","apiVersion":"dapr.io/v1alpha1","metadata":{"name":"mystore","creationTimestamp":null},"spec":{"type":"state.sqlite","version":"v1","ignoreErrors":false,"metadata":[{"name":"connectionString","value":"file:/tmp/a\u003cb.db"},{"name":"actorStateStore","value":"true","secretKeyRef":{"name":"","key":""}}],"initTimeout":""},"auth":{"secretStore":""}}""");
        var spec = Assert.Single(Load().Components);
        Assert.Equal(("mystore", "file:/tmp/a<b.db", "true"), (spec.Name, spec.Metadata["connectionString"], spec.Metadata["actorStateStore"]));
        Assert.Equal(ComponentSpec.DefaultInitTimeout, spec.InitTimeout);
    }

    [Theory]
    [InlineData("123", "123")]
    [InlineData("1.10", "1.1")]
    [InlineData("0x10", "16")]
    [InlineData("1_000", "1000")]
    [InlineData("010", "8")]
    [InlineData("-5", "-5")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("1e6", "1e+06")]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("'123'", "123")]
    [InlineData("2024-01-02", "2024-01-02")]
    [InlineData("größe ✈ 'x'", "größe ✈ 'x'")]
    [InlineData("'it''s || \u00ad 一'", "it's || \u00ad 一")]
    [InlineData("1.2.3.4", "1.2.3.4")]
    public void Names_are_texts_whatever_YAML_makes_of_them(string written, string name)
    {
        Write("a.yaml", Component(written, "state.in-memory"));
        Assert.Equal(name, Assert.Single(Load().Components).Name);
    }

    [Theory]
    [InlineData("8", "8")]
    [InlineData("1.10", "1.1")]
    [InlineData("1e6", "1000000")]
    [InlineData("1e-7", "1e-7")]
    [InlineData("0.000123", "0.000123")]
    [InlineData("-1.5e300", "-1.5e+300")]
    [InlineData("100.0", "100")]
    [InlineData("0.0", "0")]
    [InlineData("true", "true")]
    [InlineData("no", "false")]
    [InlineData("\"\"", "")]
    [InlineData("\"a <b> & \\\"c\\\"\"", "a <b> & \"c\"")]
    [InlineData("{ b: [1, two, null], a: <x> }", """{"a":"\u003cx\u003e","b":[1,"two",null]}""")]
    public void Setting_values_may_be_any_JSON_value(string written, string value)
    {
        Write("a.yaml", Component("c", "state.in-memory") + $"\n  metadata:\n  - name: s\n    value: {written}\n");
        Assert.Equal(value, Assert.Single(Load().Components).Metadata["s"]);
    }

    [Fact]
    public void A_setting_without_value_is_absent()
    {
        Write("a.yaml", Component("c", "state.in-memory") + "\n  metadata:\n  - name: s\n    value: null\n  - name: t\n");
        Assert.Empty(Assert.Single(Load().Components).Metadata);
    }

    [Fact]
    public void A_version_may_be_omitted()
    {
        Write("a.yaml", "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: c\nspec:\n  type: state.in-memory\n");
        var spec = Assert.Single(Load().Components);
        Assert.Equal(("v1", "c (state.in-memory)"), (spec.Version, spec.LogName));
    }

    [Fact]
    public void Other_namespaces_count_only_where_the_process_has_one()
    {
        Write("a.yaml", string.Join("\n---\n", Component("abc\n  namespace: abc", "state.in-memory"), Component("123", "state.in-memory"), Component("456\n  namespace: foobar", "state.in-memory"), Component("789\n  namespace: mynamespace", "state.in-memory")));
        Assert.Equal(["abc", "123", "456", "789"], Names(Load()));
        Assert.Equal(["abc", "123", "456", "789"], Names(Load(new() { Namespace = "" })));
        Assert.Equal(["123", "789"], Names(Load(new() { Namespace = "mynamespace" })));
    }

    [Fact]
    public void Components_out_of_scope_are_left_out()
    {
        Write("a.yaml", string.Join("\n---\n", Component("a", "state.in-memory") + "\nscopes: [app, other]\n", Component("b", "state.in-memory") + "\nscopes: [other]\n", Component("c", "state.in-memory") + "\nscopes: []\n"));
        Assert.Equal(["a", "c"], Names(Load()));
    }

    [Fact]
    public void Two_components_of_one_name_are_an_error_whatever_the_scopes_of_the_second()
    {
        Write("a.yaml", Component("foo", "secretstores.local.file") + "\n---\n" + Component("foo", "state.in-memory") + "\nscopes: [other]\n");
        var result = Load();
        Assert.Equal(["duplicate definition of Component name foo (state.in-memory/v1) with existing foo (secretstores.local.file/v1)"], result.Errors);
        Assert.Empty(result.Components);
    }

    [Fact]
    public void The_same_name_in_another_namespace_is_no_second_one()
    {
        Write("a.yaml", Component("foo\n  namespace: a", "state.in-memory") + "\n---\n" + Component("foo\n  namespace: b", "state.in-memory"));
        Assert.Empty(Load(new() { Namespace = "a" }).Errors);
        Assert.Single(Load().Errors);
    }

    [Fact]
    public void Documents_come_in_the_order_of_paths_files_and_documents_with_their_kinds()
    {
        var first = Directory.CreateDirectory(Path.Combine(_folder, "z")).FullName;
        var second = Directory.CreateDirectory(Path.Combine(_folder, "a")).FullName;
        File.WriteAllText(Path.Combine(first, "10.yaml"), Document("Subscription", "v2alpha1", "s2") + "\n--- # next\n" + Document("Resiliency", "v1alpha1", "r"));
        File.WriteAllText(Path.Combine(first, "1.yml"), "---\n" + Document("Subscription", "v1alpha1", "s1") + "\nscopes: [x]\n---\n\n---\n# only a comment\n---\n" + Document("HTTPEndpoint", "v1alpha1", "h"));
        File.WriteAllText(Path.Combine(second, "0.YAML"), Document("Configuration", "v1alpha1", "c") + "\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n");
        Directory.CreateDirectory(Path.Combine(first, "folder.yaml"));
        var result = ComponentLoader.Load([first, second], new LoadOptions { Strict = false, AppId = "app" });
        Assert.Equal(["s1", "h", "s2", "r", "c", "d"], result.Documents.Select(d => d.Name));
        Assert.Equal(["s1", "s2"], result.Subscriptions.Select(d => d.Name));
        Assert.Equal(("Subscription", "dapr.io/v1alpha1", 2), (result.Documents[0].Kind, result.Documents[0].ApiVersion, result.Documents[0].Line));
        Assert.Equal(("HTTPEndpoint", 12), (result.Documents[1].Kind, result.Documents[1].Line));
        Assert.False(result.Documents[0].IsInScope("app"));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void What_cannot_be_read_is_left_out_with_warnings_and_the_rest_loads()
    {
        Write("a.yaml", "kind: [unclosed\n---\n" + Component("good", "state.in-memory"));
        Write("b.yaml", Component("a/b", "state.in-memory") + "\n---\n" + Component("c", "state.in-memory") + "\n  metadata: 5\n");
        Write("c.txt", "hello");
        Write("d.yaml", "just text");
        var result = Load();
        Assert.Equal(["good"], Names(result));
        Assert.Empty(result.Errors);
        Assert.Contains(result.Warnings, w => w.StartsWith($"daprd load Component error when parsing manifests yaml resource in {Path.Combine(_folder, "a.yaml")}: ", StringComparison.Ordinal));
        Assert.Contains(result.Warnings, w => w.EndsWith("invalid name \"a/b\" for \"Component\": may not contain '/'", StringComparison.Ordinal));
        Assert.Contains(result.Warnings, w => w.Contains("json: cannot unmarshal number into Go struct field Component.spec.metadata", StringComparison.Ordinal));
        Assert.Contains("A non-YAML Component file c.txt was detected, it will not be loaded", result.Warnings);
        Assert.Contains(result.Warnings, w => w.Contains("d.yaml: error unmarshaling JSON", StringComparison.Ordinal));
    }

    [Fact]
    public void A_resources_path_that_is_no_folder_is_an_error()
    {
        var absent = Path.Combine(_folder, "absent");
        Assert.Equal([$"open {absent}: no such file or directory"], ComponentLoader.Load([absent], new LoadOptions { Strict = false }).Errors);
    }

    [Fact]
    public void Anchors_and_merge_keys_work_and_their_multiplication_is_bounded()
    {
        Write("a.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: c }
            base: &base { type: state.in-memory, version: v3 }
            spec:
              <<: *base
              version: v1
            """);
        Assert.Equal(("state.in-memory", "v1"), Assert.Single(Load().Components) is var spec ? (spec.Type, spec.Version) : default);
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Write("b.yaml", bomb);
        Assert.Contains(Load().Warnings, w => w.Contains("excessive aliasing", StringComparison.Ordinal));
        Write("b.yaml", new string('[', 100_000));
        Assert.Contains(Load().Warnings, w => w.Contains("b.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_documents_give_equal_JSON()
    {
        var (a, _) = ResourceFile.Read("kind: X\nspec: { b: 1, a: [x] }", "a");
        var (b, _) = ResourceFile.Read("{\"spec\":{\"a\":[\"x\"],\"b\":1},\"kind\":\"X\"}", "b");
        Assert.Equal("""{"kind":"X","spec":{"a":["x"],"b":1}}""", a[0].Root.ToJson());
        Assert.Equal(a[0].Root.ToJson(), b[0].Root.ToJson());
    }

    [Fact]
    public void Placeholders_of_settings_are_filled()
    {
        Write("a.yaml", Component("c", "state.in-memory") + "\n  metadata:\n  - { name: a, value: '{namespace}/{appID}' }\n  - { name: b, value: '{uuid}{uuid}' }\n");
        var spec = Assert.Single(Load().Components);
        var ids = 0;
        var filled = new ComponentTemplates("app", "ns", "", () => new Guid(++ids, 0, 0, new byte[8])).Fill(spec);
        Assert.Equal(("ns.app/app", "00000001-0000-0000-0000-00000000000000000002-0000-0000-0000-000000000000"), (filled.Metadata["a"], filled.Metadata["b"]));
        var refused = Assert.ThrowsAny<Exception>(() => new ComponentTemplates("app", "ns", "", Guid.NewGuid).Fill(spec with { Metadata = new Dictionary<string, string> { ["p"] = "{podName}" } }));
        Assert.Equal("failed to parse metadata: property p refers to {podName} but podName is not set", refused.Message);
    }

    private ComponentLoadResult Load(LoadOptions? options = null) => ComponentLoader.Load([_folder], (options ?? new()) with { Strict = false, AppId = "app" });

    private static IEnumerable<string> Names(ComponentLoadResult result) => result.Components.Select(c => c.Name);

    private static string Component(string name, string type) => $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n  type: {type}\n  version: v1";

    private static string Document(string kind, string version, string name) => $"apiVersion: dapr.io/{version}\nkind: {kind}\nmetadata:\n  name: {name}";

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
