using System.Text.Json.Nodes;

namespace RealTimeMesh.Contracts.Tests.Values;

/// <summary>Schemas of any shape, and evolutions of them, from a seed.</summary>
internal sealed class RandomSchemas(Random random)
{
    private static readonly string[] Primitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

    private readonly List<string> _records = [];
    private int _names;

    public JsonNode Record(int depth = 3)
    {
        var name = $"ns{random.Next(2)}.R{_names++}";
        _records.Add(name);
        var fields = new JsonArray();
        for (var i = random.Next(1, 6); i > 0; i--)
            fields.Add(new JsonObject { ["name"] = $"f{_names++}", ["type"] = Type(depth - 1) });

        // A way back into itself, which null ends.
        if (random.Next(4) == 0)
            fields.Add(new JsonObject { ["name"] = $"f{_names++}", ["type"] = new JsonArray("null", name) });

        return new JsonObject { ["type"] = "record", ["name"] = name, ["fields"] = fields };
    }

    /// <summary>A schema that can, mostly, read what the given one writes. Without aliases: the Apache library loses its place in a payload with renamed maps.</summary>
    public JsonNode Evolve(JsonNode schema)
    {
        switch (schema)
        {
            case JsonArray union:
                var branches = union.Select(branch => Evolve(branch!)).ToList();
                if (random.Next(4) == 0 && branches.Count > 1)
                    branches.Reverse();

                return new JsonArray([.. branches.DistinctBy(Key)]);
            case JsonObject item:
                return EvolveObject((JsonObject)item.DeepClone());
            default:
                return Promote(schema.GetValue<string>());
        }
    }

    private JsonNode EvolveObject(JsonObject item)
    {
        switch (item["type"]!.GetValue<string>())
        {
            case "array":
                item["items"] = Evolve(item["items"]!);
                break;
            case "map":
                item["values"] = Evolve(item["values"]!);
                break;
            case "enum":
                var symbols = item["symbols"]!.AsArray();
                if (random.Next(2) == 0)
                    symbols.Insert(0, $"S{_names++}");

                if (random.Next(3) == 0 && symbols.Count > 1)
                    symbols.RemoveAt(symbols.Count - 1);

                if (random.Next(2) == 0)
                    item["default"] = symbols[0]!.GetValue<string>();

                break;
            case "record":
                item["fields"] = EvolveFields(item["fields"]!.AsArray());
                break;
        }

        return item;
    }

    private JsonArray EvolveFields(JsonArray fields)
    {
        var evolved = new List<JsonNode>();
        foreach (var field in fields.Select(field => (JsonObject)field!.DeepClone()))
        {
            if (random.Next(8) == 0)
                continue;

            field["type"] = Evolve(field["type"]!);
            evolved.Add(field);
        }

        if (random.Next(2) == 0)
            evolved.Add(new JsonObject { ["name"] = $"f{_names++}", ["type"] = new JsonArray("null", "long"), ["default"] = null });

        if (random.Next(2) == 0)
            evolved.Add(JsonNode.Parse("{\"name\":\"f" + _names++ + "\",\"type\":{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":\"int\"}},\"default\":{\"k\":[1,2]}}")!);

        if (random.Next(10) == 0)
            evolved.Add(new JsonObject { ["name"] = $"f{_names++}", ["type"] = "string" });

        return new JsonArray([.. random.Next(2) == 0 ? evolved.OrderBy(_ => random.Next()) : evolved.AsEnumerable()]);
    }

    private JsonNode Promote(string name)
    {
        string[] wider = name switch
        {
            "int" => ["int", "long", "float", "double"],
            "long" => ["long", "float", "double"],
            "float" => ["float", "double"],
            _ => [name],
        };
        var chosen = random.Next(2) == 0 ? name : wider[random.Next(wider.Length)];
        return random.Next(6) == 0 && chosen is not "null" && Primitives.Contains(chosen) ? new JsonObject { ["type"] = chosen } : chosen;
    }

    private JsonNode Type(int depth)
    {
        var choice = random.Next(depth > 0 ? 14 : 9);
        return choice switch
        {
            < 8 => Primitives[choice],
            8 => random.Next(2) == 0
                ? new JsonObject { ["type"] = "enum", ["name"] = $"E{_names++}", ["symbols"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 5)).Select(i => (JsonNode)$"S{_names++}{i}")]) }
                : new JsonObject { ["type"] = "fixed", ["name"] = $"F{_names++}", ["size"] = random.Next(1, 20) },
            9 => new JsonObject { ["type"] = "array", ["items"] = Type(depth - 1) },
            10 => new JsonObject { ["type"] = "map", ["values"] = Type(depth - 1) },
            11 => Record(depth),
            _ => new JsonArray([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Type(depth - 1)).Where(type => type is not JsonArray).Append("null").DistinctBy(Key).OrderBy(_ => random.Next())]),
        };
    }

    /// <summary>What may stand but once in a union.</summary>
    private static string Key(JsonNode type) => type switch
    {
        JsonObject item when item["name"] is { } name => name.GetValue<string>(),
        JsonObject item => item["type"]!.GetValue<string>(),
        JsonArray => "union",
        _ => type.GetValue<string>(),
    };
}
