namespace RealTimeMesh.ServiceDefaults;

/// <summary>How large a call to a sidecar may be, and how large an event is in it.</summary>
public static class PublishCallSize
{
    /// <summary>Encoded bytes after which a call is closed: under the 4 MiB that a sidecar takes by default (daprd's <c>--max-body-size</c>).</summary>
    public const int MaxBytes = 7 * 512 * 1024;

    /// <summary>Names of an entry's metadata, tags, lengths, its number and its content type.</summary>
    private const int FrameBytes = 160;

    /// <summary>Names and length fields of a header.</summary>
    private const int HeaderFrameBytes = 16;

    /// <summary>Most bytes of a character in UTF-8 (a pair of surrogates is two characters and four bytes).</summary>
    private const int CharBytes = 3;

    /// <summary>At least what the event takes in an encoded call.</summary>
    public static long Bound(in OutgoingEvent item) =>
        FrameBytes + item.Payload.Length + (CharBytes * (long)(item.Key.Length + item.Id.Length)) + (item.Headers is null ? 0 : Bound(item.Headers));

    /// <summary>At least what the headers take in an encoded entry.</summary>
    public static long Bound(IEnumerable<KeyValuePair<string, string>> headers)
    {
        long bytes = 0;
        foreach (var (name, value) in headers)
            bytes += HeaderFrameBytes + (CharBytes * (long)(name.Length + value.Length));
        return bytes;
    }
}
