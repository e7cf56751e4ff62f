using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>Whatever is sent as a schema, the registry answers it within a second, and never as a fault of its own.</summary>
[Collection(AloneGroup.Name)]
public sealed class FuzzTests : IAsyncLifetime
{
    private const int Size = 5 * 1024 * 1024;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private RunningRegistry _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RunningRegistry.StartAsync(_folder);

        // The first request of each kind compiles code; what is measured is the registry.
        foreach (var (type, text) in Samples())
        {
            await _registry.SendAsync("POST", "/subjects/warm/versions", Body(type, text));
            await _registry.SendAsync("POST", $"/compatibility/subjects/warm{type}/versions", Body(type, text));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("AVRO", 20251)]
    [InlineData("PROTOBUF", 20252)]
    [InlineData("JSON", 20253)]
    public async Task Damaged_schemas_are_answered(string type, int seed)
    {
        var random = new Random(seed);
        var samples = Samples().Where(sample => sample.Type == type).Select(sample => sample.Text).ToArray();
        await _registry.SendAsync("PUT", $"/config/fuzz-{type}", new JsonObject { ["compatibility"] = "FULL_TRANSITIVE" });
        for (var i = 0; i < 400; i++)
            await AnswerAsync($"fuzz-{type}", type, Damage(samples[random.Next(samples.Length)], samples, random));
    }

    public static TheoryData<string> Hard => [.. HardCases().Select(hard => hard.Name)];

    [Theory]
    [MemberData(nameof(Hard))]
    public async Task Hard_schemas_are_answered(string name)
    {
        var (_, type, first, second) = HardCases().Single(hard => hard.Name == name);
        await _registry.SendAsync("PUT", "/config/hard", new JsonObject { ["compatibility"] = "FULL" });

        await AnswerAsync("hard", type, first());
        await AnswerAsync("hard", type, second());
        await AnswerAsync("hard", type, first());
    }

    private static IEnumerable<(string Name, string Type, Func<string> First, Func<string> Second)> HardCases()
    {
        yield return ("Avro record of 5 MB", "AVRO", () => AvroFields("int"), () => AvroFields("long"));
        yield return ("Avro union of 5 MB", "AVRO", () => AvroUnion(descending: false), () => AvroUnion(descending: true));
        yield return ("Avro enum of 5 MB", "AVRO", () => AvroEnum(0), () => AvroEnum(1));
        yield return ("Avro arrays nested 100,000 deep", "AVRO", () => Nest(100_000, """{"type":"array","items":""", "\"int\"", "}"), () => Nest(200, """{"type":"array","items":""", "\"int\"", "}"));
        yield return ("Avro records in a chain of 20,000 names", "AVRO", () => AvroChain("int"), () => AvroChain("string"));
        yield return ("Avro records that name each other twice a level", "AVRO", () => AvroDoubling("int"), () => AvroDoubling("string"));
        yield return ("Avro record that contains itself 50 times", "AVRO", () => AvroSelf("int"), () => AvroSelf("string"));
        yield return ("Avro defaults of 2 MB", "AVRO", () => AvroDefault(0), () => AvroDefault(1));
        yield return ("Protobuf message of 5 MB", "PROTOBUF", () => ProtoFields("int32"), () => ProtoFields("string"));
        yield return ("Protobuf messages of 5 MB", "PROTOBUF", () => ProtoMessages("a"), () => ProtoMessages("b"));
        yield return ("Protobuf messages nested 100,000 deep", "PROTOBUF", () => "syntax = \"proto3\"; " + Nest(100_000, "message M {", "", "}"), () => "syntax = \"proto3\"; " + Nest(60, "message M {", "", "}"));
        yield return ("Protobuf options nested 100,000 deep", "PROTOBUF", () => "option x = " + Nest(100_000, "{a:", "1", "}") + ";", () => "option x = " + Nest(100_000, "[", "1", "]") + ";");
        yield return ("Protobuf comment without an end", "PROTOBUF", () => "/*" + new string('x', Size), () => new string('x', Size));
        yield return ("JSON object of 5 MB", "JSON", () => JsonProperties("integer"), () => JsonProperties("number"));
        yield return ("JSON schemas nested 100,000 deep", "JSON", () => Nest(100_000, """{"not":""", "{}", "}"), () => Nest(180, """{"not":""", """{"type":"string"}""", "}"));
        yield return ("JSON references in a chain of 20,000", "JSON", () => JsonChain("string"), () => JsonChain("number"));
        yield return ("JSON references in a circle", "JSON", () => """{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}""", () => """{"$ref":"#"}""");
        yield return ("JSON alternatives within alternatives", "JSON", () => JsonDoubling("string"), () => JsonDoubling("number"));
        yield return ("JSON sum of 1,500 objects", "JSON", () => JsonSum(1_500, "a"), () => JsonSum(1_500, "b"));
        yield return ("JSON pattern that takes for ever", "JSON", () => """{"type":"object","patternProperties":{"^(a+)+$":{"type":"string"}},"additionalProperties":false}""", () => """{"type":"object","patternProperties":{"^(a+)+$(?=b)":{"type":"string"}},"additionalProperties":false,"properties":{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!":{"type":"integer"}}}""");
    }

    private async Task AnswerAsync(string subject, string type, string schema)
    {
        var best = TimeSpan.MaxValue;
        var status = 0;
        var answer = "";
        var body = Encoding.UTF8.GetBytes(Body(type, schema).ToJsonString());

        // Other processes share the machine: what counts is the best of a few tries, or the processor time where that is
        // less. It is this process's: client and registry together.
        for (var attempt = 0; attempt < 4 && best > Longest; attempt++)
        {
            using var content = new ByteArrayContent(body);
            var processor = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            using var response = await _registry.Http.PostAsync($"/subjects/{subject}/versions", content, TestContext.Current.CancellationToken);
            answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var spent = Environment.CpuUsage.TotalTime - processor;
            best = new[] { best, watch.Elapsed, spent }.Min();
            status = (int)response.StatusCode;
        }

        var shown = schema.Length > 300 ? schema[..300] + "…" : schema;
        Assert.True(status is 200 or 400 or 409 or 422, $"{status} {answer[..Math.Min(400, answer.Length)]}: {shown}");
        Assert.True(best <= Longest, $"took {best}, answered {status}: {shown}");
        if (Environment.GetEnvironmentVariable("SCHEMA_REGISTRY_FUZZ_TIMES") is { Length: > 0 } file && schema.Length > 10_000)
            await File.AppendAllTextAsync(file, $"{best.TotalMilliseconds,6:F0} ms  {status}  {schema.Length,8}  {schema[..60].ReplaceLineEndings(" ")}\n", TestContext.Current.CancellationToken);
    }

    private static JsonObject Body(string type, string schema) => new() { ["schemaType"] = type, ["schema"] = schema };

    private static string Damage(string text, string[] others, Random random)
    {
        var damaged = new StringBuilder(text);
        for (var i = random.Next(1, 5); i > 0 && damaged.Length > 0; i--)
        {
            var at = random.Next(damaged.Length);
            switch (random.Next(7))
            {
                case 0:
                    damaged.Remove(at, Math.Min(random.Next(1, 10), damaged.Length - at));
                    break;
                case 1:
                    damaged.Insert(at, (char)random.Next(1, 0xD800));
                    break;
                case 2:
                    damaged[at] = "{}[]\",:;=<>.-0123456789eE\\\"'/*\n"[random.Next(31)];
                    break;
                case 3:
                    damaged.Length = at;
                    break;
                case 4:
                    var other = others[random.Next(others.Length)];
                    damaged.Insert(at, other[random.Next(other.Length)..]);
                    break;
                case 5:
                    damaged.Insert(at, damaged.ToString(at, Math.Min(random.Next(1, 60), damaged.Length - at)));
                    break;
                default:
                    damaged.Replace("int", new[] { "long", "null", "string", "-1", "99999999999999999999", "1e400" }[random.Next(6)], at, Math.Min(50, damaged.Length - at));
                    break;
            }
        }

        return damaged.ToString();
    }

    private static IEnumerable<(string Type, string Text)> Samples()
    {
        yield return ("AVRO", """{"type":"record","name":"R","namespace":"n.s","doc":"d","aliases":["Q"],"fields":[{"name":"a","type":"int","default":1},{"name":"b","type":["null","string","R"],"default":null},{"name":"c","type":{"type":"map","values":{"type":"array","items":"double"}}},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}]}""");
        yield return ("AVRO", """["null",{"type":"enum","name":"E","symbols":["A","B"],"default":"A"},{"type":"fixed","name":"F","size":16},"int","string"]""");
        yield return ("PROTOBUF", """syntax = "proto3"; package a.b; import "google/protobuf/timestamp.proto"; option java_package = "x"; message M { reserved 9 to 11, 20; reserved "q"; int32 a = 1 [deprecated = true]; repeated N n = 2; map<string, int64> m = 3; oneof o { string s = 4; google.protobuf.Timestamp t = 5; } message N { optional bytes b = 1; } enum E { X = 0; Y = 1; } } service S { rpc Do (M) returns (stream M); }""");
        yield return ("PROTOBUF", """syntax = "proto2"; message P { required int32 a = 1 [default = 5]; optional group G = 2 { optional int32 x = 1; } extensions 100 to max; extend P { optional string e = 100; } }""");
        yield return ("JSON", """{"$schema":"http://json-schema.org/draft-07/schema#","$id":"http://x/y.json","type":"object","properties":{"a":{"type":"integer","minimum":1},"b":{"oneOf":[{"type":"string","pattern":"^a+$"},{"$ref":"#/definitions/d"}]},"c":{"type":["array","null"],"items":{"enum":["int",1,null]}}},"required":["a"],"additionalProperties":{"not":{"const":3}},"definitions":{"d":{"properties":{"d":{"$ref":"#"}}}}}""");
        yield return ("JSON", """{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"array","prefixItems":[{"type":"int"},true],"items":false,"unevaluatedItems":{"$anchor":"x"},"contains":{"$ref":"#x"},"maxContains":2,"dependentRequired":{"a":["b"]},"patternProperties":{"^x-":{"type":"number","multipleOf":0.5}}}""");
    }

    private static string Nest(int depth, string open, string core, string close) =>
        new StringBuilder().Insert(0, open, depth).Append(core).Insert(depth * open.Length + core.Length, close, depth).ToString();

    private static string Fill(string start, Func<int, string> item, string end)
    {
        var text = new StringBuilder(start);
        for (var i = 0; text.Length < Size; i++)
            text.Append(i > 0 ? "," : "").Append(item(i));

        return text.Append(end).ToString();
    }

    private static string AvroFields(string type) => Fill("""{"type":"record","name":"Big","fields":[""", i => $$"""{"name":"field_number_{{i}}","type":["null","{{type}}"],"default":null,"doc":"some words"}""", "]}");

    private static string AvroUnion(bool descending) => Fill("[", i => $$"""{"type":"record","name":"Branch_{{(descending ? 1_000_000 - i : i)}}","fields":[{"name":"a","type":"int"}]}""", "]");

    private static string AvroEnum(int from) => Fill("""{"type":"enum","name":"E","default":"Symbol_1","symbols":[""", i => $"\"Symbol_{from + i}\"", "]}");

    private static string AvroDefault(int value)
    {
        var fields = string.Join(',', Enumerable.Range(0, 30_000).Select(i => $$"""{"name":"f{{i}}","type":"int"}"""));
        var values = string.Join(',', Enumerable.Range(0, 30_000).Select(i => $"\"f{i}\":{value}"));
        return """{"type":"record","name":"Top","fields":[{"name":"r","type":{"type":"record","name":"R","fields":[""" + fields + "]},\"default\":{" + values + "}}]}";
    }

    private static string AvroChain(string type) =>
        "[" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"{{\"type\":\"record\",\"name\":\"R{i}\",\"fields\":[{{\"name\":\"f\",\"type\":\"{(i == 0 ? type : $"R{i - 1}")}\"}}]}}")) + "]";

    private static string AvroDoubling(string type)
    {
        static string Level(int level, string type) => level == 60
            ? $$"""{"type":"record","name":"N60","fields":[{"name":"v","type":"{{type}}"}]}"""
            : $$"""{"type":"record","name":"N{{level}}","fields":[{"name":"a","type":["null",{{Level(level + 1, type)}}]},{"name":"b","type":["null","N{{level + 1}}"]}]}""";

        return Level(0, type);
    }

    private static string AvroSelf(string type)
    {
        var fields = Enumerable.Range(0, 50).Select(i => $"{{\"name\":\"f{i}\",\"type\":[\"null\",\"R\",{{\"type\":\"array\",\"items\":\"R\"}}]}}");
        return Schemas.Record(string.Join(',', fields) + $",{{\"name\":\"v\",\"type\":\"{type}\"}}");
    }

    private static string ProtoFields(string type)
    {
        var text = new StringBuilder("syntax = \"proto3\"; message M { reserved 100000000 to max;\n");
        for (var i = 20_000; text.Length < Size; i++)
            text.Append(type).Append(" field_number_").Append(i).Append(" = ").Append(i).Append(" [deprecated = true];\n");

        return text.Append('}').ToString();
    }

    private static string ProtoMessages(string field)
    {
        var text = new StringBuilder("syntax = \"proto3\"; package p;\n");
        for (var i = 0; text.Length < Size; i++)
            text.Append("message Message").Append(i).Append(" { oneof ").Append(field).Append(" { Message0 first = 1; .p.Message").Append(i).Append(" self = 2; } }\n");

        return text.ToString();
    }

    private static string JsonProperties(string type) => Fill(
        """{"type":"object","additionalProperties":false,"properties":{""",
        i => $"\"property_{i}\":{{\"type\":\"{type}\",\"description\":\"some words\"}}",
        "}}");

    private static string JsonChain(string type) => Definitions(20_000, i => """{"type":"object","properties":{"next":""" + Next(i, 20_000, $"{{\"type\":\"{type}\"}}") + "}}");

    private static string JsonDoubling(string type) => Definitions(40, i =>
        """{"oneOf":[{"type":"object","properties":{"a":""" + Next(i, 40, "{}") + """}},{"type":"object","properties":{"b":""" + Next(i, 40, "{}") + $"}}}},{{\"type\":\"{type}\"}}]}}");

    private static string Definitions(int count, Func<int, string> definition) =>
        """{"$ref":"#/definitions/d0","definitions":{""" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"d{i}\":{definition(i)}")) + "}}";

    private static string Next(int i, int count, string last) => i == count - 1 ? last : $"{{\"$ref\":\"#/definitions/d{i + 1}\"}}";

    private static string JsonSum(int count, string name) =>
        """{"oneOf":[""" + string.Join(',', Enumerable.Range(0, count).Select(i => $"{{\"type\":\"object\",\"properties\":{{\"{name}{i}\":{{\"type\":\"string\"}}}},\"required\":[\"{name}{i}\"]}}")) + "]}";
}

/// <summary>Tests that measure run while no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    public const string Name = "alone";
}
