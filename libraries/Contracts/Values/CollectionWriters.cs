using System.Globalization;

namespace RealTimeMesh.Contracts.Values;

internal sealed class ListWriter<TList, T>(ValueWriter<T> items) : ValueWriter<TList>
    where TList : IEnumerable<T>
{
    public override bool TryWrite(ref AvroOutput output, TList value)
    {
        if (value is null)
            return output.Fail("null", "an array");

        if (!output.TryEnter())
            return false;

        var all = value as IReadOnlyCollection<T> ?? [.. value];
        if (all.Count > 0)
            output.WriteLong(all.Count);

        var index = 0;
        foreach (var item in all)
        {
            if (!items.TryWrite(ref output, item))
                return output.FailedAt($"[{index.ToString(CultureInfo.InvariantCulture)}]");

            index++;
        }

        output.WriteByte(0);
        output.Leave();
        return true;
    }
}

internal sealed class MapWriter<TMap, T>(ValueWriter<T> values) : ValueWriter<TMap>
    where TMap : IEnumerable<KeyValuePair<string, T>>
{
    public override bool TryWrite(ref AvroOutput output, TMap value)
    {
        if (value is null)
            return output.Fail("null", "a map");

        if (!output.TryEnter())
            return false;

        var all = value as IReadOnlyCollection<KeyValuePair<string, T>> ?? [.. value];
        if (all.Count > 0)
            output.WriteLong(all.Count);

        foreach (var (key, item) in all)
        {
            if (!output.TryWriteText(key))
                return output.FailedAt("[key]");

            if (!values.TryWrite(ref output, item))
                return output.FailedAt($"[{RowFaults.Quote(key)}]");
        }

        output.WriteByte(0);
        output.Leave();
        return true;
    }
}
