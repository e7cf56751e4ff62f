using System.Net;
using System.Text;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A body whose first part is sent at once; each other follows once what it waits for has happened, the last ones at once where there is no such thing.</summary>
internal sealed class SlowBody(IReadOnlyList<string> parts, params Task[] waits) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0 && i <= waits.Length)
                await waits[i - 1];
            await stream.WriteAsync(Encoding.UTF8.GetBytes(parts[i]));
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
