using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// A schema taken apart by what it constrains, as registries compare it: one kind of constraint a node; where a schema
/// has several, a product of them.
/// </summary>
internal abstract class JsonSchemaNode
{
    /// <summary>The element it was read from; what equal texts are told by.</summary>
    public JsonElement Source { get; init; }

    public bool HasDefault { get; init; }

    /// <summary>Confluent's <c>connect.type</c>: two schemas for bytes mean the same, whatever they look like.</summary>
    public string? ConnectType { get; init; }
}

/// <summary>Everything is valid.</summary>
internal sealed class JsonAnyNode : JsonSchemaNode;

/// <summary>Nothing is valid.</summary>
internal sealed class JsonNothingNode : JsonSchemaNode;

internal sealed class JsonBooleanNode : JsonSchemaNode;

internal sealed class JsonNullNode : JsonSchemaNode;

internal sealed class JsonStringNode : JsonSchemaNode
{
    public decimal? MaxLength { get; init; }

    public decimal? MinLength { get; init; }

    public string? Pattern { get; init; }
}

internal sealed class JsonNumberNode : JsonSchemaNode
{
    public bool IsInteger { get; init; }

    public double? Maximum { get; init; }

    public double? Minimum { get; init; }

    public double? ExclusiveMaximum { get; init; }

    public double? ExclusiveMinimum { get; init; }

    public decimal? MultipleOf { get; init; }
}

internal sealed class JsonObjectNode : JsonSchemaNode
{
    public required IReadOnlyDictionary<string, JsonSchemaNode> Properties { get; init; }

    public required IReadOnlySet<string> Required { get; init; }

    public required IReadOnlyList<(JsonPattern Pattern, JsonSchemaNode Schema)> Patterns { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlySet<string>> PropertyDependencies { get; init; }

    public required IReadOnlyDictionary<string, JsonSchemaNode> SchemaDependencies { get; init; }

    public bool AllowsMore { get; init; } = true;

    public JsonSchemaNode? More { get; init; }

    public JsonSchemaNode? Unevaluated { get; init; }

    public decimal? MaxProperties { get; init; }

    public decimal? MinProperties { get; init; }

    /// <summary>Properties that are not named may have any value.</summary>
    public bool IsOpen => AllowsMore && More is null && Patterns.Count == 0 && Unevaluated is null or JsonAnyNode;

    /// <summary>What a property that is not named has to be; null where nothing says so.</summary>
    public JsonSchemaNode? Covering(string property)
    {
        foreach (var (pattern, schema) in Patterns)
        {
            if (pattern.Matches(property))
                return schema;
        }

        return More ?? (AllowsMore && Unevaluated is not (null or JsonAnyNode or JsonNothingNode) ? Unevaluated : null);
    }
}

internal sealed class JsonArrayNode : JsonSchemaNode
{
    /// <summary>What every item is.</summary>
    public JsonSchemaNode? AllItems { get; init; }

    /// <summary>What the first items are, one by one.</summary>
    public required IReadOnlyList<JsonSchemaNode> Items { get; init; }

    public bool AllowsMore { get; init; } = true;

    public JsonSchemaNode? More { get; init; }

    public JsonSchemaNode? Unevaluated { get; init; }

    public decimal? MaxItems { get; init; }

    public decimal? MinItems { get; init; }

    public decimal? MaxContains { get; init; }

    public decimal? MinContains { get; init; }

    public bool Unique { get; init; }

    public bool IsOpen => AllowsMore && More is null && Unevaluated is null or JsonAnyNode;

    /// <summary>What an item behind those that are named has to be; null where nothing says so.</summary>
    public JsonSchemaNode? Covering => More ?? (AllowsMore && Unevaluated is not (null or JsonAnyNode or JsonNothingNode) ? Unevaluated : null);
}

internal sealed class JsonEnumNode : JsonSchemaNode
{
    /// <summary>The values in one notation.</summary>
    public required IReadOnlySet<string> Values { get; init; }
}

internal sealed class JsonConstNode : JsonSchemaNode
{
    public required string Value { get; init; }
}

internal sealed class JsonNotNode : JsonSchemaNode
{
    public required JsonSchemaNode Schema { get; init; }
}

/// <summary><c>if</c>, <c>then</c>, <c>else</c>: not compared.</summary>
internal sealed class JsonConditionNode : JsonSchemaNode;

internal sealed class JsonCombinedNode : JsonSchemaNode
{
    /// <summary><c>allOf</c>, <c>anyOf</c> or <c>oneOf</c>.</summary>
    public required string Criterion { get; init; }

    public required IReadOnlyList<JsonSchemaNode> Parts { get; init; }
}

/// <summary>Another place. Resolved once everything is read, because schemas may contain themselves.</summary>
internal sealed class JsonReferenceNode : JsonSchemaNode
{
    public JsonSchemaNode? Target { get; set; }
}
