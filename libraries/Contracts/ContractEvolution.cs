namespace RealTimeMesh.Contracts;

/// <summary>Why events of a schema cannot become rows of a contract.</summary>
/// <param name="Field">The field that stands against it; null where it is the schema as a whole.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record SchemaMisfit(string? Field, string Found, string Expected, string Cure)
{
    public override string ToString() => $"{(Field is null ? "schema" : $"field '{Field}'")}: found {Found}; expected {Expected}; {Cure}";
}

/// <summary>
/// Contracts that grow with the schemas of their subject: a consumer that keeps all it is sent reads by the fields of all versions together,
/// each in the widest type, and takes null for what a version does not have.
/// </summary>
public static class ContractEvolution
{
    /// <summary>The contract with every field nullable: what it does not find becomes the field's default, else null.</summary>
    public static AvroContract Lenient(AvroContract contract) => Of(contract, contract.Record.Fields.Select(Nullable));

    /// <summary>
    /// A contract for rows of both: fields that only <paramref name="writer"/> has are added, narrower ones widened, symbols of enums joined.
    /// The same instance where there is nothing to change; null, with the reason, where values of a field could not be of one type.
    /// </summary>
    /// <param name="contract">A contract by <see cref="Lenient"/>.</param>
    /// <param name="writer">The schema that events were written with.</param>
    /// <param name="mayAdd">Whether a field may be added; it is left out where not.</param>
    /// <param name="mayWiden">Whether a field may become another, of a wider type.</param>
    /// <param name="leftOut">Told of fields that no flat row can hold, with the reason.</param>
    /// <param name="misfit">The reason.</param>
    public static AvroContract? Merge(AvroContract contract, AvroSchema writer, Func<Field, bool> mayAdd, Func<Field, Field, bool> mayWiden, Action<string, string>? leftOut, out SchemaMisfit? misfit)
    {
        misfit = null;
        if (writer is not AvroRecord record)
        {
            misfit = new SchemaMisfit(null, $"type {writer}", "a record", "publish records");
            return null;
        }

        var fields = contract.Record.Fields.ToList();
        var changed = false;
        foreach (var incoming in record.Fields)
        {
            var at = fields.FindIndex(field => Answers(field, incoming));
            if (at < 0)
            {
                if (Flat(Nullable(incoming), out var why) is not { } row)
                {
                    leftOut?.Invoke(incoming.Name, why!);
                    continue;
                }

                if (!mayAdd(row))
                    continue;
                if (fields.Find(field => string.Equals(field.Name, incoming.Name, StringComparison.OrdinalIgnoreCase)) is { } twin)
                {
                    misfit = new SchemaMisfit(incoming.Name, $"a name that differs from '{twin.Name}' only by case", "another name", "rename the field");
                    return null;
                }

                fields.Add(Nullable(incoming));
                changed = true;
                continue;
            }

            var merged = Merge(fields[at], incoming, mayWiden, out misfit);
            if (merged is null)
                return null;
            changed |= !ReferenceEquals(merged, fields[at]);
            fields[at] = merged;
        }

        return changed ? Of(contract, fields) : contract;
    }

    private static AvroField? Merge(AvroField own, AvroField incoming, Func<Field, Field, bool> mayWiden, out SchemaMisfit? misfit)
    {
        misfit = null;
        var named = own.Name == incoming.Name || own.Aliases.Contains(incoming.Name, StringComparer.Ordinal) ? own : With(own, own.Schema, [.. own.Aliases, incoming.Name]);
        var joined = JoinSymbols(named, incoming.Schema);
        var row = Flat(joined, out _)!;
        var next = With(named, Nullable(incoming.Schema), named.Aliases);
        var wider = Flat(next, out var reason);
        if (ReaderCompiler.Compile(incoming.Schema, joined.Schema, row, out var refusal) is not null && !HasMoreDigits(wider, row))
            return joined;
        if (wider is null)
        {
            misfit = new SchemaMisfit(own.Name, reason!, $"type {Value(own.Schema)}", "publish a type that one column can hold, or give the field a new name");
            return null;
        }

        if (ReaderCompiler.Compile(Value(own.Schema), next.Schema, wider, out _) is not null && mayWiden(row, wider))
            return next;
        misfit = new SchemaMisfit(own.Name, $"type {Value(incoming.Schema)} ({refusal})", $"type {Value(own.Schema)}, or one that it may be widened to", "publish a compatible type, let the table's columns be widened (delta.enableTypeWidening=true), or give the field a new name");
        return null;
    }

    /// <summary>By name, or by an alias of either side: a renamed field is the same field.</summary>
    private static bool Answers(AvroField own, AvroField incoming) =>
        own.Name == incoming.Name || own.Aliases.Contains(incoming.Name, StringComparer.Ordinal) || incoming.Aliases.Contains(own.Name, StringComparer.Ordinal);

    private static bool HasMoreDigits(Field? wider, Field own) => own.Type == FieldType.Decimal && wider is { Type: FieldType.Decimal } && wider.Precision > own.Precision;

    private static AvroField JoinSymbols(AvroField own, AvroSchema incoming)
    {
        if (Value(own.Schema) is not AvroEnum mine || Value(incoming) is not AvroEnum theirs || theirs.Symbols.All(symbol => mine.Symbols.Contains(symbol, StringComparer.Ordinal)))
            return own;
        return With(own, Nullable(new AvroEnum(mine.FullName, mine.Aliases, [.. mine.Symbols.Union(theirs.Symbols, StringComparer.Ordinal)], mine.Default)), own.Aliases);
    }

    private static AvroField Nullable(AvroField field) => With(field, Nullable(field.Schema), field.Aliases);

    private static AvroSchema Nullable(AvroSchema schema) => schema is AvroUnion ? schema : new AvroUnion([new AvroPrimitive(AvroKind.Null), schema]);

    /// <summary>The type beside null.</summary>
    private static AvroSchema Value(AvroSchema schema) => schema is AvroUnion { Branches.Count: 2 } union && union.Branches.FirstOrDefault(branch => branch.Kind != AvroKind.Null) is { } value ? value : schema;

    private static AvroField With(AvroField field, AvroSchema schema, IReadOnlyList<string> aliases) => new()
    {
        Name = field.Name,
        Schema = schema,
        Aliases = aliases,
        Default = field.Default ?? System.Text.Json.JsonSerializer.SerializeToElement<object?>(null),
        Pii = field.Pii,
    };

    /// <summary>The field of a row; null, with the reason, where no flat row can hold it.</summary>
    private static Field? Flat(AvroField field, out string? reason)
    {
        reason = null;
        try
        {
            return FlatFields.From(new AvroRecord("r", []) { Fields = [field] }).Fields[0];
        }
        catch (ContractException exception)
        {
            reason = exception.Message;
            return null;
        }
    }

    private static AvroContract Of(AvroContract contract, IEnumerable<AvroField> fields) =>
        AvroContract.Of(new AvroRecord(contract.Record.FullName, contract.Record.Aliases) { Fields = [.. fields] }, contract.Json);
}
