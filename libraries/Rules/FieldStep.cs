using RealTimeMesh.Cel;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Rules;

/// <summary>A rule about each field of a simple type; with tags, about those that bear one of them.</summary>
internal sealed class FieldStep(ContractRule rule, RuleFailure onFailure, RuleText text, FieldTags tags) : IRuleStep
{
    public ContractRule Rule => rule;

    public bool Changes => rule.Kind == "TRANSFORM";

    public object? Apply(object? message) => Within(message, default, message);

    /// <param name="value">A part of the message.</param>
    /// <param name="place">Its place.</param>
    /// <param name="message">The whole.</param>
    private object? Within(object? value, FieldPlace place, object? message)
    {
        switch (value)
        {
            case AvroRecordValue record:
                for (var i = 0; i < record.Schema.Fields.Count; i++)
                    record[i] = Within(record[i], place.Of(record.Schema.FullName, record.Schema.Fields[i].Name), message);
                return record;
            case List<object?> items:
                for (var i = 0; i < items.Count; i++)
                    items[i] = Within(items[i], place, message);
                return items;
            case Dictionary<string, object?> entries:
                foreach (var key in entries.Keys.ToArray())
                    entries[key] = Within(entries[key], place, message);
                return entries;
            default:
                return RuleValues.TypeName(value) is { } type && IsMeant(place) ? Simple(value, type, place, message) : value;
        }
    }

    private bool IsMeant(FieldPlace place) => rule.Tags.Count == 0 || tags.Of(place).Any(tag => rule.Tags.Contains(tag, StringComparer.Ordinal));

    private object? Simple(object? value, string type, FieldPlace place, object? message)
    {
        (string, CelValue)[] variables =
        [
            ("value", RuleValues.ToCel(value)),
            ("fullName", CelValue.String(place.FullName ?? "")),
            ("name", CelValue.String(place.Name ?? "")),
            ("typeName", CelValue.String(type)),
            ("tags", CelValue.List([.. tags.Of(place).Select(CelValue.String)])),
            ("message", RuleValues.ToCel(message)),
        ];
        if (text.Guard?.Evaluate(variables) is { IsTrue: false })
            return value;
        var result = text.Expression.Evaluate(variables);
        var found = result.IsError ? $"an expression without a value ({result.AsString})"
            : Changes ? null
            : result.Kind != CelKind.Bool ? $"a value that is not true or false ({result.Kind})"
            : result.IsTrue ? null : "false";
        if (found is null && !Changes)
            return value;
        if (found is null && RuleValues.TryLike(value, result, out var changed, out found))
            return changed;
        return onFailure == RuleFailure.None ? value : throw new RuleFailedException(rule, place.Path, found!);
    }
}
