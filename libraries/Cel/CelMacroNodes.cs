namespace RealTimeMesh.Cel;

/// <summary>A macro that goes over a list or the keys of a map.</summary>
internal abstract class CelLoop(CelNode range, int slot) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        var collection = range.Evaluate(frame);
        if (collection.IsError)
            return collection;
        if (collection.Kind is not (CelKind.List or CelKind.Map))
            return CelValue.Error($"got '{CelTypes.NameOf(collection.Kind)}', expected iterable type");
        return Run(CelCollections.Enumerate(collection), frame, slot);
    }

    protected abstract CelValue Run(CelEnumerator items, CelValue[] frame, int slot);
}

/// <summary><c>all</c> and <c>exists</c>: one element that decides does so, whatever errors others give.</summary>
internal sealed class QuantifierNode(CelNode range, int slot, CelNode condition, bool isAll) : CelLoop(range, slot)
{
    protected override CelValue Run(CelEnumerator items, CelValue[] frame, int slot)
    {
        CelValue? error = null;
        foreach (var item in items)
        {
            frame[slot] = item;
            var value = condition.Evaluate(frame);
            if (isAll ? value.IsFalse : value.IsTrue)
                return value;
            if (value.Kind != CelKind.Bool)
                error ??= value.IsError ? value : CelErrors.NoOverload;
        }

        return error ?? CelValue.Bool(isAll);
    }
}

internal sealed class ExistsOneNode(CelNode range, int slot, CelNode condition) : CelLoop(range, slot)
{
    protected override CelValue Run(CelEnumerator items, CelValue[] frame, int slot)
    {
        var count = 0;
        foreach (var item in items)
        {
            frame[slot] = item;
            var value = condition.Evaluate(frame);
            if (value.Kind != CelKind.Bool)
                return value.IsError ? value : CelErrors.NoOverload;
            if (value.IsTrue)
                count++;
        }

        return CelValue.Bool(count == 1);
    }
}

/// <summary><c>map</c> and <c>filter</c>.</summary>
internal sealed class ProjectionNode(CelNode range, int slot, CelNode? condition, CelNode? transform) : CelLoop(range, slot)
{
    protected override CelValue Run(CelEnumerator items, CelValue[] frame, int slot)
    {
        var values = new List<CelValue>();
        foreach (var item in items)
        {
            frame[slot] = item;
            if (condition is not null)
            {
                var wanted = condition.Evaluate(frame);
                if (wanted.Kind != CelKind.Bool)
                    return wanted.IsError ? wanted : CelErrors.NoOverload;
                if (!wanted.IsTrue)
                    continue;
            }

            var value = transform is null ? item : transform.Evaluate(frame);
            if (value.IsError)
                return value;
            values.Add(value);
        }

        return CelValue.List([.. values]);
    }
}
