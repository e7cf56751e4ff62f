using System.Net;
using System.Text;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A body whose first part is sent at once and whose others follow once something has happened.</summary>
internal sealed class SlowBody(IReadOnlyList<string> parts, Task resume) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (i == 1)
                await resume;
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
