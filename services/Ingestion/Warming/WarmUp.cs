using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.FrontDoor;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Ingestion.Tenants;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Warming;

/// <summary>
/// Requests that the service makes of itself before it takes others': the same code with the streams' own contracts and
/// expectations, over a log and a state store that forget everything. Without it the first seconds of a busy door are
/// spent compiling, on the processors that its requests need.
/// </summary>
internal sealed class WarmUp(
    StreamCatalog catalog, RequestReaders readers, BinaryModeReader binaryMode, KeyedRequests keyed, IServiceProvider services, IMeterFactory meters, SelfRequests self, IHostApplicationLifetime lifetime, IngestionOptions options, TimeProvider time, ILogger<WarmUp> logger)
{
    private const string Unseen = "RealTimeMesh.Ingestion.WarmUp";

    /// <summary>Compiled code is replaced by better in the background, once it was called often and nothing new has come for 100 ms.</summary>
    private const int Rounds = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private static int s_begun;

    /// <summary>Runs once in a process, since its code is the process's; a failure is said and nothing more.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (options.WarmUpRequests == 0 || Interlocked.Exchange(ref s_begun, 1) == 1)
            return;
        try
        {
            await RunAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotWarm(logger, e);
        }
    }

    /// <summary>Returns the status of each answer.</summary>
    public async Task<IReadOnlyList<int>> RunAsync(CancellationToken cancellationToken)
    {
        var memory = new MemoryBudget(options, time);
        using var letters = new DeadLetterMetrics(Unseen);
        var metrics = new IngestionMetrics(meters, memory, letters, Unseen);
        using var activities = new ActivitySource(Unseen);
        await using var streams = Streams(memory, metrics);
        var endpoint = new EventsEndpoint(streams, readers, binaryMode, memory, new TenantDirectory(options, time), keyed, activities, options, metrics);
        var bodies = streams.Streams.Select(stream => (stream.Spec.Topic, Body: SampleEvent.Write(stream.Spec.Contract.Rows))).ToArray();
        List<int> answers = [];
        if (bodies.Length == 0)
            return answers;
        await StartedAsync(cancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < options.WarmUpRequests; i++)
            {
                var (topic, body) = bodies[i % bodies.Length];
                answers.Add(await PostAsync(endpoint, topic, body, cancellationToken));
            }

            await self.PostAsync(options.WarmUpRequests, cancellationToken);
            // The runtime's own clock, whatever clock the service has.
            if (round < Rounds - 1)
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return answers;
    }

    private StreamCatalog Streams(MemoryBudget memory, IngestionMetrics metrics)
    {
        var ids = new EventIds(time);
        var store = new NoStore();
        var sink = new EventSink(new NoLog(), memory, options, metrics, time);
        var definitions = new PipelineDefinition { Name = "", Directory = "", Streams = [.. catalog.Streams.Select(stream => stream.Spec.Definition)] };
        return new StreamCatalog([definitions], (definition, _) =>
        {
            var ledger = new StreamLedger(definition.Topic, store, options, time, logger);
            var spec = new StreamSpec(definition, ids, options);
            var stream = new StreamRuntime(spec, catalog.Find(definition.Topic)!.Check, ledger, new StreamPublisher(spec, sink, ledger, options, metrics, time, logger), options);
            stream.SetReady(0, null);
            return stream;
        });
    }

    private async Task<int> PostAsync(EventsEndpoint endpoint, string topic, byte[] body, CancellationToken cancellationToken)
    {
        var context = new DefaultHttpContext { RequestServices = services, RequestAborted = cancellationToken };
        context.Request.Method = HttpMethods.Post;
        context.Request.ContentType = ContentTypes.Json;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        await endpoint.PostAsync(topic, context);
        return context.Response.StatusCode;
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registered = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
