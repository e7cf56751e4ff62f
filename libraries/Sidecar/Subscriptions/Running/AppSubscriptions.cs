using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.App;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Asks the app what it wants: <c>/dapr/config</c> and <c>/dapr/subscribe</c>, or <c>ListTopicSubscriptions</c>.</summary>
internal sealed class AppSubscriptions(SidecarOptions options, AppChannel http, AppGrpc grpc, TimeProvider time, ILogger<AppSubscriptions> logger)
{
    private const string Config = "/dapr/config";
    private const string Subscribe = "/dapr/subscribe";

    /// <summary>After so many answers that are errors an app is taken at its word.</summary>
    private const int MaxGrpcErrors = 4;

    /// <summary>The app's settings for actors, which this runtime has none of: asked for because apps wait for the question.</summary>
    public async Task LoadConfigurationAsync(CancellationToken cancellationToken)
    {
        if (options.DisabledInitEndpoints.Contains("config"))
        {
            Log.ConfigEndpointDisabled(logger);
            return;
        }

        if (options.AppProtocol.IsGrpc())
            return;
        await GetAsync(Config, cancellationToken);
        Log.AppConfigurationLoaded(logger);
    }

    public async Task<SubscriptionAnswer> AskAsync(CancellationToken cancellationToken)
    {
        if (options.DisabledInitEndpoints.Contains("subscribe"))
        {
            Log.SubscribeEndpointDisabled(logger);
            return SubscriptionAnswer.Nothing;
        }

        var answer = options.AppProtocol.IsGrpc() ? await AskGrpcAsync(cancellationToken) : await AskHttpAsync(cancellationToken);
        foreach (var subscription in answer.Refused)
            Log.SubscriptionRefused(logger, subscription.Topic, subscription.PubSub, subscription.Fault);
        foreach (var component in answer.Accepted.GroupBy(subscription => subscription.PubSub))
            Log.AppSubscribed(logger, string.Join(' ', component.Select(subscription => subscription.Topic)), component.Key);
        return answer;
    }

    private async Task<SubscriptionAnswer> AskHttpAsync(CancellationToken cancellationToken)
    {
        var (status, body) = await GetAsync(Subscribe, cancellationToken);
        switch (status)
        {
            case HttpStatusCode.OK:
                try
                {
                    return HttpSubscriptionList.Parse(body);
                }
                catch (JsonException exception)
                {
                    Log.TopicsUnreadable(logger, exception.Message);
                    return SubscriptionAnswer.Nothing;
                }

            case HttpStatusCode.NotFound:
                Log.NoTopics(logger);
                return SubscriptionAnswer.Nothing;
            default:
                Log.SubscribeEndpointFailed(logger, (int)status);
                return SubscriptionAnswer.Nothing;
        }
    }

    private async Task<SubscriptionAnswer> AskGrpcAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(time);
        var errors = 0;
        while (true)
        {
            try
            {
                var call = new CallOptions(grpc.Headers(), cancellationToken: cancellationToken);
                return GrpcSubscriptionList.Read(await grpc.Calls.CallAsync(AppCallbacks.ListTopicSubscriptions, new Empty(), call));
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
            {
                Log.TopicsNotImplemented(logger);
                return SubscriptionAnswer.Nothing;
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (exception.StatusCode != StatusCode.Unavailable && ++errors == MaxGrpcErrors)
                {
                    Log.TopicsUnreadable(logger, exception.Status.Detail);
                    return SubscriptionAnswer.Nothing;
                }

                Log.AppCallFailed(logger, "ListTopicSubscriptions", exception.Status.Detail, backoff.Current);
            }

            await backoff.FailedAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Asks until there is an answer, whatever its status: an app may be restarting.</summary>
    private async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(time);
        while (true)
        {
            try
            {
                return await http.GetAsync(path, cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                Log.AppCallFailed(logger, path, exception.Message, backoff.Current);
            }

            await backoff.FailedAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
