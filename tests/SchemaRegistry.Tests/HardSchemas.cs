using System.Text;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>Pairs of schemas that are hard to read, or to compare with each other.</summary>
internal static class HardSchemas
{
    /// <param name="size">Characters of the large ones.</param>
    public static IEnumerable<(string Name, string Type, Func<string> First, Func<string> Second)> All(int size)
    {
        yield return ("Avro record of 5 MB", "AVRO", () => AvroFields("int", size), () => AvroFields("long", size));
        yield return ("Avro union of 5 MB", "AVRO", () => AvroUnion(descending: false, size), () => AvroUnion(descending: true, size));
        yield return ("Avro enum of 5 MB", "AVRO", () => AvroEnum(0, size), () => AvroEnum(1, size));
        yield return ("Avro arrays nested 100,000 deep", "AVRO", () => Nest(100_000, """{"type":"array","items":""", "\"int\"", "}"), () => Nest(200, """{"type":"array","items":""", "\"int\"", "}"));
        yield return ("Avro records in a chain of 20,000 names", "AVRO", () => AvroChain("int"), () => AvroChain("string"));
        yield return ("Avro records that name each other twice a level", "AVRO", () => AvroDoubling("int"), () => AvroDoubling("string"));
        yield return ("Avro record that contains itself 50 times", "AVRO", () => AvroSelf("int"), () => AvroSelf("string"));
        yield return ("Avro defaults of 2 MB", "AVRO", () => AvroDefault(0), () => AvroDefault(1));
        yield return ("Protobuf message of 5 MB", "PROTOBUF", () => ProtoFields("int32", size), () => ProtoFields("string", size));
        yield return ("Protobuf messages of 5 MB", "PROTOBUF", () => ProtoMessages("a", size), () => ProtoMessages("b", size));
        yield return ("Protobuf messages nested 100,000 deep", "PROTOBUF", () => "syntax = \"proto3\"; " + Nest(100_000, "message M {", "", "}"), () => "syntax = \"proto3\"; " + Nest(60, "message M {", "", "}"));
        yield return ("Protobuf options nested 100,000 deep", "PROTOBUF", () => "option x = " + Nest(100_000, "{a:", "1", "}") + ";", () => "option x = " + Nest(100_000, "[", "1", "]") + ";");
        yield return ("Protobuf comment without an end", "PROTOBUF", () => "/*" + new string('x', size), () => new string('x', size));
        yield return ("JSON object of 5 MB", "JSON", () => JsonProperties("integer", size), () => JsonProperties("number", size));
        yield return ("JSON schemas nested 100,000 deep", "JSON", () => Nest(100_000, """{"not":""", "{}", "}"), () => Nest(180, """{"not":""", """{"type":"string"}""", "}"));
        yield return ("JSON references in a chain of 20,000", "JSON", () => JsonChain("string"), () => JsonChain("number"));
        yield return ("JSON references in a circle", "JSON", () => """{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}""", () => """{"$ref":"#"}""");
        yield return ("JSON alternatives within alternatives", "JSON", () => JsonDoubling("string"), () => JsonDoubling("number"));
        yield return ("JSON sum of 1,500 objects", "JSON", () => JsonSum(1_500, "a"), () => JsonSum(1_500, "b"));
        yield return ("JSON pattern that takes for ever", "JSON", () => """{"type":"object","patternProperties":{"^(a+)+$":{"type":"string"}},"additionalProperties":false}""", () => """{"type":"object","patternProperties":{"^(a+)+$(?=b)":{"type":"string"}},"additionalProperties":false,"properties":{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!":{"type":"integer"}}}""");
    }

    private static string Nest(int depth, string open, string core, string close) =>
        new StringBuilder().Insert(0, open, depth).Append(core).Insert(depth * open.Length + core.Length, close, depth).ToString();

    private static string Fill(string start, Func<int, string> item, string end, int size)
    {
        var text = new StringBuilder(start);
        for (var i = 0; text.Length < size; i++)
            text.Append(i > 0 ? "," : "").Append(item(i));

        return text.Append(end).ToString();
    }

    private static string AvroFields(string type, int size) => Fill("""{"type":"record","name":"Big","fields":[""", i => $$"""{"name":"field_number_{{i}}","type":["null","{{type}}"],"default":null,"doc":"some words"}""", "]}", size);

    private static string AvroUnion(bool descending, int size) => Fill("[", i => $$"""{"type":"record","name":"Branch_{{(descending ? 1_000_000 - i : i)}}","fields":[{"name":"a","type":"int"}]}""", "]", size);

    private static string AvroEnum(int from, int size) => Fill("""{"type":"enum","name":"E","default":"Symbol_1","symbols":[""", i => $"\"Symbol_{from + i}\"", "]}", size);

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

    private static string ProtoFields(string type, int size)
    {
        var text = new StringBuilder("syntax = \"proto3\"; message M { reserved 100000000 to max;\n");
        for (var i = 20_000; text.Length < size; i++)
            text.Append(type).Append(" field_number_").Append(i).Append(" = ").Append(i).Append(" [deprecated = true];\n");

        return text.Append('}').ToString();
    }

    private static string ProtoMessages(string field, int size)
    {
        var text = new StringBuilder("syntax = \"proto3\"; package p;\n");
        for (var i = 0; text.Length < size; i++)
            text.Append("message Message").Append(i).Append(" { oneof ").Append(field).Append(" { Message0 first = 1; .p.Message").Append(i).Append(" self = 2; } }\n");

        return text.ToString();
    }

    private static string JsonProperties(string type, int size) => Fill(
        """{"type":"object","additionalProperties":false,"properties":{""",
        i => $"\"property_{i}\":{{\"type\":\"{type}\",\"description\":\"some words\"}}",
        "}}",
        size);

    private static string JsonChain(string type) => Definitions(20_000, i => """{"type":"object","properties":{"next":""" + Next(i, 20_000, $"{{\"type\":\"{type}\"}}") + "}}");

    private static string JsonDoubling(string type) => Definitions(40, i =>
        """{"oneOf":[{"type":"object","properties":{"a":""" + Next(i, 40, "{}") + """}},{"type":"object","properties":{"b":""" + Next(i, 40, "{}") + $"}}}},{{\"type\":\"{type}\"}}]}}");

    private static string Definitions(int count, Func<int, string> definition) =>
        """{"$ref":"#/definitions/d0","definitions":{""" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"d{i}\":{definition(i)}")) + "}}";

    private static string Next(int i, int count, string last) => i == count - 1 ? last : $"{{\"$ref\":\"#/definitions/d{i + 1}\"}}";

    private static string JsonSum(int count, string name) =>
        """{"oneOf":[""" + string.Join(',', Enumerable.Range(0, count).Select(i => $"{{\"type\":\"object\",\"properties\":{{\"{name}{i}\":{{\"type\":\"string\"}}}},\"required\":[\"{name}{i}\"]}}")) + "]}";
}
