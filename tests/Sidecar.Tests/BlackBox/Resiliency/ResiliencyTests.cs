using RealTimeMesh.Sidecar.Tests.Harness;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Resiliency;

public sealed class ResiliencyTests
{
    [Fact]
    public async Task An_invalid_resiliency_is_told_in_the_log_and_the_sidecar_runs()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources =
            [
                """
                apiVersion: dapr.io/v1alpha1
                kind: Resiliency
                metadata:
                  name: myresiliency
                spec:
                  policies:
                    retries:
                      DefaultAppRetryPolicy:
                        policy: constant
                        duration: 10ms
                        maxRetries: 3
                        matching:
                          gRPCStatusCodes: 400
                          httpStatusCodes: 11
                """,
            ],
        });

        await daprd.LoggedAsync("Could not read resiliency policy myresiliency");
    }

    [Fact]
    public async Task An_event_that_fails_is_delivered_five_times_under_four_retries_and_then_no_more()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"mypub","topic":"a","route":"/a"},{"pubsubname":"mypub","topic":"end","route":"/end"}]""");
        app.Answer = request => (request.Path == "/a" ? 500 : 200, "");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Resources = InboundRetries.Resources });

        await InboundRetries.PublishAsync(daprd, "a");
        for (var i = 0; i < 5; i++)
            Assert.Equal("/a", (await app.NextAsync()).Path);
        await InboundRetries.PublishAsync(daprd, "end");

        Assert.Equal("/end", (await app.NextAsync()).Path);
        await daprd.MetricAsync($"dapr_resiliency_loaded{{app_id=\"{daprd.AppId}\",name=\"dapr-resiliency\",namespace=\"\"}}", 1);
    }
}
