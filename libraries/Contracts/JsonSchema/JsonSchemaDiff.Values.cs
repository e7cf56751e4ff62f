namespace RealTimeMesh.Contracts;

/// <summary>Strings, numbers, and schemas made of schemas.</summary>
internal sealed partial class JsonSchemaDiff
{
    private static void Strings(JsonStringNode old, JsonStringNode next, Findings found)
    {
        Highest(old.MaxLength, next.MaxLength, "maxLength", "MAX_LENGTH", found);
        Lowest(old.MinLength, next.MinLength, "minLength", "MIN_LENGTH", found);
        if (next.Pattern is not null && old.Pattern != next.Pattern)
            found.Add(old.Pattern is null ? "PATTERN_ADDED" : "PATTERN_CHANGED", "pattern");
    }

    private static void Numbers(JsonNumberNode old, JsonNumberNode next, Findings found)
    {
        Highest(old.Maximum, next.Maximum, "maximum", "MAXIMUM", found);
        Lowest(old.Minimum, next.Minimum, "minimum", "MINIMUM", found);
        Highest(old.ExclusiveMaximum, next.ExclusiveMaximum, "exclusiveMaximum", "EXCLUSIVE_MAXIMUM", found);
        Lowest(old.ExclusiveMinimum, next.ExclusiveMinimum, "exclusiveMinimum", "EXCLUSIVE_MINIMUM", found);
        if (next.MultipleOf is { } multiple && old.MultipleOf != multiple)
        {
            if (old.MultipleOf is not { } before)
                found.Add("MULTIPLE_OF_ADDED", "multipleOf");
            else if (multiple % before == 0)
                found.Add("MULTIPLE_OF_EXPANDED", "multipleOf");
            else if (before % multiple != 0)
                found.Add("MULTIPLE_OF_CHANGED", "multipleOf");
        }

        if (!old.IsInteger && next.IsInteger)
            found.Add("TYPE_NARROWED");
    }

    private void Combined(JsonCombinedNode old, JsonCombinedNode next, Findings found)
    {
        var (one, two) = (old.Parts.Count == 1, next.Parts.Count == 1);
        var widened = old.Criterion == next.Criterion || next.Criterion == "anyOf" || (one && two) || (one && next.Criterion == "oneOf") || (two && old.Criterion == "allOf");
        if (!widened)
        {
            found.Add("COMBINED_TYPE_CHANGED");
            return;
        }

        if (old.Parts.Count < next.Parts.Count && next.Criterion == "allOf")
            found.Add("PRODUCT_TYPE_EXTENDED");
        else if (old.Parts.Count > next.Parts.Count && old.Criterion != "allOf")
            found.Add("SUM_TYPE_NARROWED");

        if (Matched(old.Parts, next.Parts) < Math.Min(old.Parts.Count, next.Parts.Count))
            found.Add("COMBINED_TYPE_SUBSCHEMAS_CHANGED");
    }

    /// <summary>How many parts of the one can be paired with a part of the other that reads it, each with one.</summary>
    private int Matched(IReadOnlyList<JsonSchemaNode> old, IReadOnlyList<JsonSchemaNode> next)
    {
        // Equal parts read each other and whatever the other reads: pairing them first loses no pair.
        var free = new Dictionary<string, Stack<int>>(StringComparer.Ordinal);
        for (var i = next.Count - 1; i >= 0; i--)
        {
            var text = Text(next[i]);
            if (!free.TryGetValue(text, out var places))
                free.Add(text, places = new Stack<int>());

            places.Push(i);
        }

        var taken = new bool[next.Count];
        var left = new List<int>();
        var count = 0;
        for (var i = 0; i < old.Count; i++)
        {
            if (old[i] is not JsonReferenceNode && free.TryGetValue(Text(old[i]), out var places) && places.TryPop(out var place) && Reads(old[i], next[place]))
            {
                taken[place] = true;
                count++;
            }
            else
            {
                left.Add(i);
            }
        }

        int[] rest = [.. Enumerable.Range(0, next.Count).Where(i => !taken[i])];
        var owner = new int[rest.Length];
        Array.Fill(owner, -1);
        foreach (var i in left)
            count += Pair(i, old, next, rest, owner, new bool[rest.Length]) ? 1 : 0;

        return count;
    }

    private bool Pair(int part, IReadOnlyList<JsonSchemaNode> old, IReadOnlyList<JsonSchemaNode> next, int[] rest, int[] owner, bool[] tried)
    {
        for (var i = 0; i < rest.Length; i++)
        {
            if (tried[i] || !Reads(old[part], next[rest[i]]))
                continue;

            tried[i] = true;
            if (owner[i] < 0 || Pair(owner[i], old, next, rest, owner, tried))
            {
                owner[i] = part;
                return true;
            }
        }

        return false;
    }

    // Several nodes may be of one element (a list of types): what they are tells them apart.
    private static string Text(JsonSchemaNode node) =>
        node.GetType().Name + (node.Source.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : node.Source.GetRawText());

    private static void Highest<T>(T? old, T? next, string key, string type, Findings found)
        where T : struct, IComparable<T>
    {
        if (next is not { } limit)
            return;

        if (old is not { } before)
            found.Add(type + "_ADDED", key);
        else if (limit.CompareTo(before) < 0)
            found.Add(type + "_DECREASED", key);
    }

    private static void Lowest<T>(T? old, T? next, string key, string type, Findings found)
        where T : struct, IComparable<T>
    {
        if (next is not { } limit)
            return;

        if (old is not { } before)
            found.Add(type + "_ADDED", key);
        else if (limit.CompareTo(before) > 0)
            found.Add(type + "_INCREASED", key);
    }
}
