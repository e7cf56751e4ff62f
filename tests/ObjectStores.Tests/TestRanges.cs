using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace RealTimeMesh.ObjectStores.Tests;

internal static class TestRanges
{
    /// <summary>Answers with content, or with the range that was asked for.</summary>
    public static async Task WriteAsync(HttpContext context, byte[] content, Func<Task> beyond)
    {
        var (from, to) = (0L, content.Length - 1L);
        if (RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var header) && header.Ranges.Count == 1)
        {
            var range = header.Ranges.First();
            from = range.From ?? content.Length - range.To!.Value;
            to = Math.Min(range.From is null ? to : range.To ?? to, to);
            if (from >= content.Length)
            {
                await beyond();
                return;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{content.Length}");
        }

        context.Response.ContentLength = to - from + 1;
        if (context.Request.Method != "HEAD")
            await context.Response.Body.WriteAsync(content.AsMemory((int)from, (int)(to - from + 1)));
    }
}
