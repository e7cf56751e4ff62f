using Microsoft.Extensions.Logging.Abstractions;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Tests;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_stream_whose_client_left_may_be_closed_again_by_the_end_of_the_sidecar()
    {
        var stream = new EventStream(1, null!, NullLogger.Instance);
        stream.Close();
        await stream.DisposeAsync();
        stream.Close();
    }
}
