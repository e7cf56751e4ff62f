using System.Globalization;

namespace RealTimeMesh.ObjectStores;

/// <summary>Makes requests with a limit on how many run at once, a timeout for each, and further attempts with growing delays after transient faults.</summary>
internal sealed class Retries(ObjectStoreOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(Math.Max(1, options.Parallelism));
    private readonly Random _random = new();

    public async Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            ObjectStoreException fault;
            try
            {
                return await OnceAsync(what, request, cancellationToken);
            }
            catch (ObjectStoreException exception) when (exception.IsTransient)
            {
                fault = exception;
            }

            if (attempt >= options.MaxAttempts)
            {
                var cure = "expected an answer; check the network and the store, or raise MESH_LAKE_ATTEMPTS";
                throw new ObjectStoreException(what, string.Create(CultureInfo.InvariantCulture, $"failed {attempt} times, the last time because: {fault.Message}; {cure}."), isTransient: false, fault);
            }

            var delay = Delay(attempt, fault.RetryAfter);
            options.OnRetry?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{fault.Message}; attempt {attempt + 1} of {options.MaxAttempts} in {delay.TotalSeconds:0.0} s"));
            await Task.Delay(delay, time, cancellationToken);
        }
    }

    public Task RunAsync(string what, Func<CancellationToken, Task> request, CancellationToken cancellationToken) => RunAsync(what, async token =>
    {
        await request(token);
        return true;
    }, cancellationToken);

    public void Dispose() => _slots.Dispose();

    private async Task<T> OnceAsync<T>(string what, Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        using var limit = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await request(either.Token);
        }
        catch (Exception exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectStoreException(what, string.Create(CultureInfo.InvariantCulture, $"no answer within {options.RequestTimeout.TotalSeconds:0.#} s"), isTransient: true, exception);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
        {
            throw new OperationCanceledException("the request was cancelled", exception, cancellationToken);
        }
        catch (IOException exception) when (IsCacheFull(exception))
        {
            throw new ObjectStoreException(what, $"cannot be kept on this machine: {exception.Message}; expected room in the cache's folder; free some, set MESH_LAKE_CACHE_MIB lower or MESH_LAKE_CACHE to another disk.", isTransient: false, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException and not ObjectStoreException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ObjectStoreException(what, exception.Message, isTransient: true, exception);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>A disk of this machine that is full, or a quota that is used up, does not get better by asking the store again.</summary>
    private static bool IsCacheFull(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027)
        : exception.HResult is 28 or 122;

    private TimeSpan Delay(int attempt, TimeSpan? asked)
    {
        double chance;
        lock (_random)
            chance = _random.NextDouble();
        var own = options.FirstDelay * Math.Pow(2, Math.Min(attempt - 1, 20)) * (1 - (chance / 2));
        var wanted = asked is { } least && least > own ? least : own;
        return wanted < options.MaxDelay ? wanted : options.MaxDelay;
    }
}
