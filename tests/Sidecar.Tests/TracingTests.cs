using System.Collections.Concurrent;
using System.Diagnostics;

namespace RealTimeMesh.Sidecar.Tests;

/// <summary>A listener is heard by the whole process: these run alone.</summary>
[CollectionDefinition(nameof(TracingTests), DisableParallelization = true)]
[Collection(nameof(TracingTests))]
public sealed class TracingTests
{
    [Fact]
    public async Task Publish_and_delivery_are_spans_of_the_callers_trace()
    {
        const string TraceId = "0af7651916cd43dd8448eb211c80319c";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RealTimeMesh.Sidecar",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        await using (var sidecar = await SidecarHarness.StartAsync(new SidecarOptions { AppId = "app1", AppPort = app.Port }))
        {
            await sidecar.ReadyAsync();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/publish/pubsub/t") { Content = new StringContent("x") };
            request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
            using var response = await sidecar.Http.SendAsync(request);
            await app.NextAsync();
        }

        var call = Assert.Single(spans, span => span.OperationName == "/v1.0/publish/pubsub/t");
        var publish = Assert.Single(spans, span => span.OperationName == "publish t");
        var delivery = Assert.Single(spans, span => span.OperationName == "pubsub/t");
        Assert.Equal(TraceId, publish.TraceId.ToString());
        Assert.Equal("b7ad6b7169203331", call.ParentSpanId.ToString());
        Assert.Equal(call.SpanId, publish.ParentSpanId);
        Assert.Equal(publish.SpanId, delivery.ParentSpanId);
    }
}
