namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>
/// Hands out slices of small pages. A bulk request as one array would land on the large object heap and be collected
/// with generation 2; pages below its threshold die young. A slice may outlive the request.
/// </summary>
internal sealed class PageAllocator
{
    private const int PageBytes = 32 * 1024;

    private byte[] _page = [];
    private int _used;

    public Memory<byte> Take(int length)
    {
        if (length > PageBytes / 2)
            return new byte[length];
        if (_page.Length - _used < length)
        {
            _page = GC.AllocateUninitializedArray<byte>(PageBytes);
            _used = 0;
        }

        var slice = _page.AsMemory(_used, length);
        _used += length;
        return slice;
    }

    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        var slice = Take(bytes.Length);
        bytes.CopyTo(slice.Span);
        return slice;
    }
}
