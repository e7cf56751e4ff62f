using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>What the runtime can say of itself, on the profile port. daprd serves Go's pprof there, which has no equal here.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfile(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetRequiredService<SidecarOptions>().ProfilePort is null)
            return;
        routes.MapGet("/debug/runtime", context =>
        {
            if (context.Features.Get<DoorFeature>()?.Door == SidecarDoor.Profile)
                return WriteAsync(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private static async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        var memory = GC.GetGCMemoryInfo();
        writer.WriteStartObject();
        writer.WriteNumber("workingSetBytes"u8, Environment.WorkingSet);
        writer.WriteNumber("heapBytes"u8, memory.HeapSizeBytes);
        writer.WriteNumber("committedBytes"u8, memory.TotalCommittedBytes);
        writer.WriteNumber("allocatedBytes"u8, GC.GetTotalAllocatedBytes());
        writer.WriteNumber("gen0Collections"u8, GC.CollectionCount(0));
        writer.WriteNumber("gen1Collections"u8, GC.CollectionCount(1));
        writer.WriteNumber("gen2Collections"u8, GC.CollectionCount(2));
        writer.WriteNumber("pausePercent"u8, memory.PauseTimePercentage);
        writer.WriteNumber("threads"u8, ThreadPool.ThreadCount);
        writer.WriteNumber("pendingWork"u8, ThreadPool.PendingWorkItemCount);
        writer.WriteNumber("processorMilliseconds"u8, Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds);
        writer.WriteEndObject();
    }
}
