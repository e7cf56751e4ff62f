using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Gives rows their values of identity columns that they do not bring.</summary>
internal sealed class IdentityFill(TableShape shape, IdentityReservations reservations)
{
    private readonly Dictionary<string, IdentityRange> _given = new(StringComparer.Ordinal);

    /// <summary>The numbers that were given, by physical name; null for none.</summary>
    public IReadOnlyDictionary<string, IdentityRange>? Given => _given.Count == 0 ? null : _given;

    public IReadOnlyList<ColumnBatch> Complete(IReadOnlyList<ColumnBatch> batches)
    {
        foreach (var column in shape.Identities)
        {
            if (!column.AllowsExplicit && batches.Any(batch => RowTypes.Find(batch, column.Field.Name) is not null))
                throw Explicit(column);
            var rows = batches.Where(batch => RowTypes.Find(batch, column.Field.Name) is null).Sum(batch => (long)batch.Count);
            if (rows == 0)
                continue;
            var numbers = reservations.Reserve(column, shape.TableId, rows);
            _given[column.Field.PhysicalName] = new IdentityRange(numbers.First, numbers.At(rows - 1));
            long at = 0;
            batches = [.. batches.Select(batch =>
            {
                if (batch.Count == 0 || RowTypes.Find(batch, column.Field.Name) is not null)
                    return batch;
                var filled = With(batch, column.Field.Name, numbers, at);
                at += batch.Count;
                return filled;
            })];
        }

        return batches;
    }

    /// <summary>The refusal of values for a column GENERATED ALWAYS.</summary>
    public static DeltaException Explicit(IdentityColumn column) => new(column.Table, string.Create(CultureInfo.InvariantCulture,
        $"column '{column.Field.Name}' is GENERATED ALWAYS AS IDENTITY (start {column.Start}, step {column.Step}; feature {IdentityColumn.Feature}), and the rows bring values for it; expected rows without the column; leave it out."));

    private static ColumnBatch With(ColumnBatch batch, string name, IdentityNumbers numbers, long first)
    {
        var filled = new ColumnBatch(new RowSchema([.. batch.Schema.Fields, new Field(name, FieldType.Int64, false)]));
        for (var i = 0; i < batch.Columns.Count; i++)
        {
            for (var row = 0; row < batch.Count; row++)
                filled.Columns[i].AppendFrom(batch.Columns[i], row);
        }

        var target = (Int64Column)filled.Columns[^1];
        for (var row = 0; row < batch.Count; row++)
            target.Append(numbers.At(first + row));
        return filled;
    }
}

/// <summary>The numbers of an identity column that rows of a file may have.</summary>
internal readonly record struct IdentityRange(long First, long Last);
