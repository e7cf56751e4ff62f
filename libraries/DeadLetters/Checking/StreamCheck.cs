using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;
using RealTimeMesh.DataQuality;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Rules;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.DeadLetters.Checking;

/// <summary>Says what the front door would say to an event: the same reader, rules and compiled expectations. Thread-safe.</summary>
internal sealed class StreamCheck
{
    private const int ShownLength = 200;

    private readonly JsonRowReader _reader;
    private readonly RowExpectations? _expectations;
    private readonly ColumnBatch _rows;
    private readonly Lock _lock = new();
    private readonly (Field Field, JsonRowReader Reader, ColumnBatch Rows)[] _fields;

    public StreamCheck(StreamDefinition stream, PipelineDefinition pipeline, int maxEventBytes)
    {
        Stream = stream;
        Personal = PersonalFields.Of(stream.Contract.Json, stream.Metadata.PiiFields);
        _reader = new JsonRowReader(stream.Contract.Rows) { MaxBytes = maxEventBytes };
        _rows = new ColumnBatch(stream.Contract.Rows);
        _expectations = stream.Expectations is { } text
            ? RowExpectations.Compile(ExpectationSuite.Parse(text, stream.ExpectationsFile ?? stream.Topic), stream.Contract.Rows, ReferenceSet.Load(pipeline))
            : null;
        _fields = [.. stream.Contract.Rows.Fields.Select(field => new RowSchema([field])).Select(schema => (schema.Fields[0], new JsonRowReader(schema), new ColumnBatch(schema)))];
    }

    public StreamDefinition Stream { get; }

    public PersonalFields Personal { get; }

    /// <param name="json">The message.</param>
    /// <param name="rules">Those of the contract, which come before the expectations and may change the row; null where there are none.</param>
    public Verdict Check(ReadOnlySpan<byte> json, RowRuleRun? rules)
    {
        lock (_lock)
        {
            _rows.Clear();
            if (!_reader.TryRead(json, _rows, out var fault))
                return new Verdict(false, fault.Rule, fault.Field.Length == 0 ? null : fault.Field, fault.Found, fault.Expected);
            var outcome = RowRuleOutcome.Kept;
            if (rules is not null && (outcome = rules.Apply(_rows, out var broken)) == RowRuleOutcome.Refused)
                return new Verdict(false, broken.Rule, broken.Field, broken.Found, broken.Expected);
            return _expectations is null || _expectations.Check(_rows, 0, out var failure)
                ? outcome == RowRuleOutcome.Changed ? Verdict.Changed : Verdict.Good
                : new Verdict(false, failure.Rule, failure.Column, failure.Found, failure.Expected);
        }
    }

    /// <summary>Every field of the contract beside the message's, then those the contract does not have.</summary>
    public IReadOnlyList<FieldDifference> Compare(ReadOnlySpan<byte> json, JsonObject message)
    {
        var differences = new List<FieldDifference>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var (field, reader, rows) in _fields)
            {
                rows.Clear();
                var name = field.Aliases.Prepend(field.Name).FirstOrDefault(message.ContainsKey);
                known.Add(name ?? field.Name);
                var good = reader.TryRead(json, rows, out var fault);
                differences.Add(new FieldDifference(field.Name, field.Type.ToString(), field.Nullable, name is null ? null : Shown(message[name], field.Name), good ? null : fault.Rule, good ? null : fault.Expected));
            }
        }

        differences.AddRange(message.Where(pair => !known.Contains(pair.Key)).Select(pair => new FieldDifference(pair.Key, null, true, Shown(pair.Value, pair.Key), null, null)));
        return differences;
    }

    private string Shown(JsonNode? value, string name)
    {
        if (Personal.Contains(name))
            return PersonalFields.Masked;
        var text = value?.ToJsonString(MessageDecoder.Relaxed) ?? "null";
        return text.Length > ShownLength ? text[..ShownLength] + "…" : text;
    }
}
