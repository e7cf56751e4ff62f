using System.Globalization;

namespace RealTimeMesh.Contracts;

/// <summary>Objects and arrays: what is named, and what may stand beside it.</summary>
internal sealed partial class JsonSchemaDiff
{
    private void Objects(JsonObjectNode old, JsonObjectNode next, Findings found)
    {
        found.Enter("required");
        foreach (var name in old.Properties.Keys.Where(name => next.Properties.ContainsKey(name) && !old.Required.Contains(name) && next.Required.Contains(name)))
        {
            if (!next.Properties[name].HasDefault)
                found.Add("REQUIRED_ATTRIBUTE_ADDED", name);
        }

        found.Leave();
        found.Enter("properties");
        foreach (var name in old.Properties.Keys.Union(next.Properties.Keys))
        {
            found.Enter(name);
            Property(name, old, next, found);
            found.Leave();
        }

        found.Leave();
        Dependencies(old, next, found);
        Beyond(old.AllowsMore, old.More, next.AllowsMore, next.More, "additionalProperties", "ADDITIONAL_PROPERTIES", found, _lenient);
        Unevaluated(old.Unevaluated, next.Unevaluated, "unevaluatedProperties", "UNEVALUATED_PROPERTIES", found, _lenient);
        Highest(old.MaxProperties, next.MaxProperties, "maxProperties", "MAX_PROPERTIES", found);
        Lowest(old.MinProperties, next.MinProperties, "minProperties", "MIN_PROPERTIES", found);
    }

    private void Property(string name, JsonObjectNode old, JsonObjectNode next, Findings found)
    {
        if (!next.Properties.TryGetValue(name, out var after))
            Removed(old.Properties[name], next.IsOpen, next.Covering(name), "PROPERTY", found, _lenient);
        else if (!old.Properties.TryGetValue(name, out var before))
            Added(name, after, old, next, found);
        else
            Compare(before, after, found);
    }

    private void Added(string name, JsonSchemaNode property, JsonObjectNode old, JsonObjectNode next, Findings found)
    {
        var (required, hasDefault) = (next.Required.Contains(name), property.HasDefault);
        if (old.IsOpen)
        {
            // Data may have had the property already, with any value.
            if (Follow(property) is JsonAnyNode)
                return;

            if (required && !hasDefault)
                found.Add("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL");
            else if (!_lenient)
                found.Add(required ? "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL" : "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL");

            return;
        }

        if (old.Covering(name) is { } covering)
        {
            var inner = Compared(Follow(covering), Follow(property));
            found.AddAll(inner);
            if (inner.Count > 0 && !_lenient)
                found.Add("PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL");
        }

        if (required && !hasDefault)
            found.Add("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL");
    }

    private void Removed(JsonSchemaNode part, bool isOpen, JsonSchemaNode? covering, string what, Findings found, bool lenient)
    {
        if (isOpen)
            return;

        if (covering is not null)
        {
            var inner = Compared(Follow(part), Follow(covering));
            found.AddAll(inner);
            if (inner.Count > 0 && !lenient)
                found.Add(what + "_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL");
        }
        else if (Follow(part) is not JsonNothingNode && !lenient)
        {
            found.Add(what + "_REMOVED_FROM_CLOSED_CONTENT_MODEL");
        }
    }

    private void Dependencies(JsonObjectNode old, JsonObjectNode next, Findings found)
    {
        found.Enter("dependencies");
        foreach (var (name, after) in next.PropertyDependencies)
        {
            if (!old.PropertyDependencies.TryGetValue(name, out var before))
                found.Add("DEPENDENCY_ARRAY_ADDED", name);
            else if (!after.IsSubsetOf(before))
                found.Add(before.IsSubsetOf(after) ? "DEPENDENCY_ARRAY_EXTENDED" : "DEPENDENCY_ARRAY_CHANGED", name);
        }

        foreach (var (name, after) in next.SchemaDependencies)
        {
            if (!old.SchemaDependencies.TryGetValue(name, out var before))
            {
                found.Add("DEPENDENCY_SCHEMA_ADDED", name);
                continue;
            }

            found.Enter(name);
            Compare(before, after, found);
            found.Leave();
        }

        found.Leave();
    }

    private void Arrays(JsonArrayNode old, JsonArrayNode next, Findings found)
    {
        found.Enter("items");
        Compare(old.AllItems, next.AllItems, found);
        found.Leave();
        for (var i = 0; i < Math.Max(old.Items.Count, next.Items.Count); i++)
        {
            found.Enter("items/" + i.ToString(CultureInfo.InvariantCulture));
            if (i >= next.Items.Count)
                Removed(old.Items[i], next.IsOpen, next.Covering, "ITEM", found, lenient: false);
            else if (i >= old.Items.Count)
                AddedItem(next.Items[i], old, found);
            else
                Compare(old.Items[i], next.Items[i], found);

            found.Leave();
        }

        Beyond(old.AllowsMore, old.More, next.AllowsMore, next.More, "additionalItems", "ADDITIONAL_ITEMS", found, lenient: false);
        Unevaluated(old.Unevaluated, next.Unevaluated, "unevaluatedItems", "UNEVALUATED_ITEMS", found, lenient: false);
        Highest(old.MaxItems, next.MaxItems, "maxItems", "MAX_ITEMS", found);
        Lowest(old.MinItems, next.MinItems, "minItems", "MIN_ITEMS", found);
        if (!old.Unique && next.Unique)
            found.Add("UNIQUE_ITEMS_ADDED", "uniqueItems");

        Highest(old.MaxContains, next.MaxContains, "maxContains", "MAX_CONTAINS", found);
        Lowest(old.MinContains, next.MinContains, "minContains", "MIN_CONTAINS", found);
    }

    private void AddedItem(JsonSchemaNode item, JsonArrayNode old, Findings found)
    {
        if (old.IsOpen)
        {
            if (Follow(item) is not JsonAnyNode)
                found.Add("ITEM_ADDED_TO_OPEN_CONTENT_MODEL");

            return;
        }

        if (old.Covering is not { } covering)
            return;

        var inner = Compared(Follow(covering), Follow(item));
        found.AddAll(inner);
        if (inner.Count > 0)
            found.Add("ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL");
    }

    private void Beyond(bool oldAllows, JsonSchemaNode? old, bool allows, JsonSchemaNode? next, string key, string type, Findings found, bool lenient)
    {
        found.Enter(key);
        if (oldAllows != allows)
        {
            if (!allows && !lenient)
                found.Add(type + "_REMOVED");
        }
        else if (old is null && next is not null)
        {
            if (!lenient)
                found.Add(type + "_NARROWED");
        }
        else if (next is not null)
        {
            Compare(old, next, found);
        }

        found.Leave();
    }

    private void Unevaluated(JsonSchemaNode? old, JsonSchemaNode? next, string key, string type, Findings found, bool lenient)
    {
        if (next is null)
            return;

        found.Enter(key);
        if (next is JsonNothingNode && old is not JsonNothingNode)
        {
            if (!lenient)
                found.Add(type + "_REMOVED");
        }
        else if (old is null || (old is JsonAnyNode && next is not JsonAnyNode))
        {
            if (!lenient)
                found.Add(type + "_NARROWED");
        }
        else if (old is not JsonNothingNode && next is not JsonAnyNode)
        {
            Compare(old, next, found);
        }

        found.Leave();
    }
}
