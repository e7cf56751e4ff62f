using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>A top-level column of a checkpoint, one for each kind of action, with its leaves in the order of the schema.</summary>
internal abstract class CheckpointColumn
{
    /// <summary>Its schema.</summary>
    public abstract Field Field { get; }

    /// <summary>Adds a row; absent where the action is of another kind.</summary>
    public abstract void Append(object action);

    public abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);
}

/// <summary>The column of one kind of action.</summary>
internal sealed class ActionColumn<TAction>(string name, params ActionPart<TAction>[] parts) : CheckpointColumn
{
    public override Field Field { get; } = new StructField(name, [.. parts.Select(part => part.Field)]);

    public override void Append(object action)
    {
        foreach (var part in parts)
        {
            if (action is TAction own)
                part.Append(own, 1);
            else
                part.Absent(0);
        }
    }

    public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
            await part.WriteAsync(group, cancellationToken);
    }
}

/// <summary>A field of an action, or of a struct inside one.</summary>
internal abstract class ActionPart<TAction>
{
    public abstract Field Field { get; }

    /// <summary>Adds the field of an action; <paramref name="level"/> is the definition level of the struct around it, which is there.</summary>
    public abstract void Append(TAction action, int level);

    /// <summary>Adds a row that is defined only so deep.</summary>
    public abstract void Absent(int level);

    public abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);
}
