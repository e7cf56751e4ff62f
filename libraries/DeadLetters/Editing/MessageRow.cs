using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.DeadLetters.Editing;

/// <summary>A message as a row of the types its values have.</summary>
/// <param name="Shape">The same for rows of the same fields and types.</param>
internal sealed record MessageRow(RowSchema Schema, ColumnBatch Rows, string Shape)
{
    public static MessageRow Of(JsonObject message, string? key, RowSchema? contract)
    {
        var values = new List<(Field Field, object? Value)>();
        var names = new HashSet<string>(StringComparer.Ordinal) { EditProgram.Key };
        foreach (var (name, node) in message)
        {
            if (names.Add(name))
                values.Add(Typed(name, node, contract));
        }

        foreach (var field in contract?.Fields ?? [])
        {
            if (names.Add(field.Name))
                values.Add((Absent(field.Name, contract), null));
        }

        values.Add((new Field(EditProgram.Key, FieldType.String, true), key));
        var shape = new StringBuilder();
        foreach (var (field, _) in values)
            shape.Append(field.Name.Length).Append(':').Append(field.Name).Append('=').Append((int)field.Type).Append(';');
        var schema = new RowSchema([.. values.Select(value => value.Field)]);
        var rows = new ColumnBatch(schema);
        for (var i = 0; i < values.Count; i++)
            Append(rows.Columns[i], values[i].Value);
        return new MessageRow(schema, rows, shape.ToString());
    }

    private static (Field, object?) Typed(string name, JsonNode? node, RowSchema? contract) => node switch
    {
        null => (Absent(name, contract), null),
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => (new Field(name, FieldType.Boolean, true), value.GetValue<bool>()),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => (new Field(name, FieldType.String, true), value.GetValue<string>()),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => Number(name, value),
        // What is nested is read as its JSON text.
        _ => (new Field(name, FieldType.String, true), node.ToJsonString(MessageDecoder.Relaxed)),
    };

    private static (Field, object?) Number(string name, JsonValue value)
    {
        var text = value.ToJsonString();
        return long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var whole)
            ? (new Field(name, FieldType.Int64, true), (object)whole)
            : (new Field(name, FieldType.Float64, true), (object)double.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static Field Absent(string name, RowSchema? contract) =>
        contract?.IndexOf(name) is >= 0 and var place && contract.Fields[place].Type is not (FieldType.Bytes or FieldType.Decimal)
            ? new Field(name, contract.Fields[place].Type, true)
            : new Field(name, FieldType.String, true);

    private static void Append(Column column, object? value)
    {
        switch (column, value)
        {
            case (BooleanColumn truths, bool truth):
                truths.Append(truth);
                break;
            case (Int64Column numbers, long number):
                numbers.Append(number);
                break;
            case (Float64Column numbers, double number):
                numbers.Append(number);
                break;
            case (StringColumn texts, string text):
                texts.Append(text);
                break;
            default:
                column.AppendNull();
                break;
        }
    }
}
