using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal sealed class CompiledExpression(string text, Node root) : BoundExpression
{
    public override string Text => text;

    public override FieldType Type => root.Type;

    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value) => root.TryGetBoolean(batch, row, out value);

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value) => root.TryGetInt64(batch, row, out value);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value) => root.TryGetDouble(batch, row, out value);

    public override bool TryGetString(ColumnBatch batch, int row, out string value) => root.TryGetString(batch, row, out value);
}
