using System.Runtime.CompilerServices;

namespace RealTimeMesh.Contracts;

/// <summary>
/// What of a newer schema refuses data that an older one allowed, by the rules that Confluent documents for JSON Schema.
/// Each pair of schemas is compared once; a pair that is under comparison counts as compatible until it is known better.
/// </summary>
internal sealed partial class JsonSchemaDiff
{
    // Schemas that use each other twice a level double their differences each level.
    private const int MostDifferences = 64;

    // Beyond this the comparison is given up: it is a schema that was made to take long.
    private const int MostComparisons = 100_000;

    private readonly bool _lenient;
    private readonly Dictionary<(JsonSchemaNode Old, JsonSchemaNode New), List<Difference>> _known = [];
    private readonly HashSet<(JsonSchemaNode Old, JsonSchemaNode New)> _open = [];
    private readonly Dictionary<(JsonSchemaNode Old, JsonSchemaNode New), List<Difference>> _seed;
    private bool _assumed;
    private int _comparisons;

    private JsonSchemaDiff(bool lenient, Dictionary<(JsonSchemaNode Old, JsonSchemaNode New), List<Difference>> seed, int comparisons)
    {
        _lenient = lenient;
        _seed = seed;
        _comparisons = comparisons;
    }

    public static IReadOnlyList<SchemaIncompatibility> Compare(JsonSchemaNode old, JsonSchemaNode next, bool lenient)
    {
        var seed = new Dictionary<(JsonSchemaNode Old, JsonSchemaNode New), List<Difference>>();
        var comparisons = 0;
        while (true)
        {
            var diff = new JsonSchemaDiff(lenient, seed, comparisons);
            var found = new Findings();
            diff.Compare(old, next, found);
            var broken = diff._known.Where(pair => pair.Value.Count > 0).ToDictionary();

            // What was assumed of a pair within itself has to hold once it is known; each round knows more.
            if (!diff._assumed || broken.Count == seed.Count)
                return [.. found.Items.Select(item => JsonSchemaTexts.Describe(item.Type, item.Path.Length == 0 ? "#/" : "#/" + item.Path))];

            seed = broken;
            comparisons = diff._comparisons;
        }
    }

    private void Compare(JsonSchemaNode? old, JsonSchemaNode? next, Findings found)
    {
        if (next is null)
            return;

        if (old is null)
        {
            found.Add("SCHEMA_ADDED");
            return;
        }

        found.AddAll(Compared(Follow(old), Follow(next)));
    }

    private List<Difference> Compared(JsonSchemaNode old, JsonSchemaNode next)
    {
        if (ReferenceEquals(old, next))
            return [];

        var pair = (old, next);
        if (_known.TryGetValue(pair, out var known))
            return known;

        if (!_open.Add(pair))
        {
            if (_seed.TryGetValue(pair, out var broken))
                return broken;

            _assumed = true;
            return [];
        }

        if (++_comparisons > MostComparisons || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ContractException("schema: found more combinations to compare than can be told in time; expected a schema with fewer alternatives within alternatives. Split it.");

        var found = new Findings();
        CompareKinds(old, next, found);
        _open.Remove(pair);
        return _known[pair] = found.Items;
    }

    private bool Reads(JsonSchemaNode old, JsonSchemaNode next) => Compared(Follow(old), Follow(next)).Count == 0;

    private static JsonSchemaNode Follow(JsonSchemaNode node)
    {
        // References may lead to references, and in a circle.
        for (var steps = 0; node is JsonReferenceNode { Target: { } target }; node = target)
        {
            if (++steps > 1000)
                throw new ContractException("schema: found a $ref that leads to itself; expected one that leads to a schema");
        }

        return node;
    }

    private void CompareKinds(JsonSchemaNode old, JsonSchemaNode next, Findings found)
    {
        if (old is not JsonCombinedNode && next is JsonCombinedNode sum && Widens(old, sum))
            return;

        if (old is JsonCombinedNode product && next is not JsonCombinedNode && Loosens(product, next))
            return;

        if (old.GetType() != next.GetType())
        {
            if (old is not JsonNothingNode && next is not JsonAnyNode && !(old.ConnectType == "bytes" && next.ConnectType == "bytes"))
                found.Add("TYPE_CHANGED");

            return;
        }

        switch (old, next)
        {
            case (JsonStringNode one, JsonStringNode two):
                Strings(one, two, found);
                break;
            case (JsonNumberNode one, JsonNumberNode two):
                Numbers(one, two, found);
                break;
            case (JsonEnumNode one, JsonEnumNode two):
                if (!one.Values.IsSubsetOf(two.Values))
                    found.Add(two.Values.IsSubsetOf(one.Values) ? "ENUM_ARRAY_NARROWED" : "ENUM_ARRAY_CHANGED", "enum");

                break;
            case (JsonConstNode one, JsonConstNode two):
                if (one.Value != two.Value)
                    found.Add("ENUM_ARRAY_CHANGED", "const");

                break;
            case (JsonNotNode one, JsonNotNode two):
                if (!Reads(two.Schema, one.Schema))
                    found.Add("NOT_TYPE_EXTENDED", "not");

                break;
            case (JsonObjectNode one, JsonObjectNode two):
                Objects(one, two, found);
                break;
            case (JsonArrayNode one, JsonArrayNode two):
                Arrays(one, two, found);
                break;
            case (JsonCombinedNode one, JsonCombinedNode two):
                Combined(one, two, found);
                break;
        }
    }

    /// <summary>One schema became one of several that are allowed.</summary>
    private bool Widens(JsonSchemaNode old, JsonCombinedNode next) =>
        (next.Parts.Count == 1 || next.Criterion != "allOf") && next.Parts.Any(part => Reads(old, part));

    /// <summary>Of several that had to hold, one is left.</summary>
    private bool Loosens(JsonCombinedNode old, JsonSchemaNode next) =>
        (old.Parts.Count == 1 || old.Criterion == "allOf") && old.Parts.Any(part => Reads(part, next));

    /// <summary>A difference at a path that starts at the pair it is of.</summary>
    internal readonly record struct Difference(string Type, string Path);

    /// <summary>What is found at a place; places within it are entered for as long as a scope lasts.</summary>
    internal sealed class Findings
    {
        private readonly List<string> _path = [];

        public List<Difference> Items { get; } = [];

        public void Add(string type, string? at = null)
        {
            if (Items.Count < MostDifferences)
                Items.Add(new Difference(type, string.Join('/', at is null ? _path : _path.Append(at))));
        }

        public void AddAll(List<Difference> inner)
        {
            if (inner.Count == 0)
                return;

            var prefix = string.Join('/', _path);
            foreach (var item in inner.Take(MostDifferences - Items.Count))
                Items.Add(item with { Path = prefix.Length == 0 ? item.Path : item.Path.Length == 0 ? prefix : $"{prefix}/{item.Path}" });
        }

        public void Enter(string part) => _path.Add(part);

        public void Leave() => _path.RemoveAt(_path.Count - 1);
    }
}
