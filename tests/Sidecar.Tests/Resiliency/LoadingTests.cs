using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

public sealed class LoadingTests : IDisposable
{
    private readonly Policies _policies = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("resiliency").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("retries: { again: { matching: { gRPCStatusCodes: 400, httpStatusCodes: 11 } } }", "invalid pattern 11, start code 11 is not valid")]
    [InlineData("retries: { again: { matching: { gRPCStatusCodes: 400 } } }", "invalid pattern 400, start code 400 is not valid")]
    [InlineData("retries: { again: { matching: { httpStatusCodes: 500-400 } } }", "invalid pattern 500-400, start value should not bigger than end value")]
    [InlineData("retries: { again: { matching: { httpStatusCodes: 500-501-502 } } }", "invalid pattern 500-501-502, more than one '-' exists")]
    [InlineData("retries: { again: { matching: { httpStatusCodes: 5xx } } }", "failed to parse start code 5xx from pattern 5xx to int, strconv.Atoi: parsing \"5xx\": invalid syntax")]
    [InlineData("retries: { again: { duration: soon } }", "invalid retry configuration \"again\": 1 error(s) decoding:\n\n* error decoding 'duration': invalid duration \"soon\"")]
    [InlineData("retries: { again: { policy: never } }", "invalid retry configuration \"again\": 1 error(s) decoding:\n\n* error decoding 'policy': invalid PolicyType \"never\": unexpected back off policy type: never")]
    [InlineData("timeouts: { slow: 5x }", "invalid duration \"slow\", 5x: time: unknown unit \"x\" in duration \"5x\"")]
    [InlineData("timeouts: { slow: 1.5 }", "invalid duration \"slow\", 1.5: time: missing unit in duration \"1.5\"")]
    [InlineData("timeouts: { slow: later }", "invalid duration \"slow\", later: time: invalid duration \"later\"")]
    [InlineData("circuitBreakers: { door: { maxRequests: -1 } }", "invalid retry configuration \"door\": 1 error(s) decoding:\n\n* cannot parse 'maxRequests', -1.000000 overflows uint")]
    [InlineData("circuitBreakers: { door: { trip: \"requests >\", timeout: x } }", "invalid retry configuration \"door\": 2 error(s) decoding:\n\n* error decoding 'timeout': invalid duration \"x\"\n* error decoding 'trip': invalid Expr \"requests >\": ERROR: <input>:1:11: Syntax error: mismatched input '<EOF>' expecting an expression\n | requests >\n | ..........^")]
    public void An_invalid_document_is_told_in_daprds_words_and_left_out(string policies, string cause)
    {
        _policies.Provider($"policies:\n  {policies}");

        Assert.Equal(["Loading Resiliency configuration: myresiliency"], _policies.Logger.At(LogLevel.Information));
        Assert.Equal(["Could not read resiliency policy myresiliency: " + cause], _policies.Logger.At(LogLevel.Error));
        Assert.Empty(_policies.Metrics.Documents);
    }

    [Theory]
    [InlineData("actor: { circuitBreaker: door }", "actor circuit breakers must include scope")]
    [InlineData("actor: { circuitBreaker: door, circuitBreakerScope: all }", "unknown circuit breaker scope \"all\"")]
    public void Actor_targets_are_checked_though_there_are_no_actors(string actor, string cause)
    {
        _policies.Provider($"targets:\n  actors:\n    {actor}");

        Assert.Equal(["Could not read resiliency policy myresiliency: " + cause], _policies.Logger.At(LogLevel.Error));
    }

    [Fact]
    public void Plain_numbers_are_milliseconds()
    {
        var provider = _policies.Provider("policies:\n  timeouts: { quick: 250 }\ntargets:\n  apps: { server: { timeout: quick } }");

        Assert.Equal(TimeSpan.FromMilliseconds(250), provider.ForApp("server").Timeout);
    }

    [Fact]
    public void A_target_without_policies_has_no_runner_and_a_policy_that_is_unknown_is_told()
    {
        var provider = _policies.Provider("targets:\n  components:\n    store: { outbound: { retry: nothing, circuitBreaker: none } }\n  apps: { server: { timeout: never } }");

        Assert.Same(PolicyRunner.None, provider.ForComponentOutbound("store", ComponentKind.Statestore));
        Assert.Same(PolicyRunner.None, provider.ForComponentInbound("store", ComponentKind.Statestore));
        Assert.Same(PolicyRunner.None, provider.ForApp("server"));
        Assert.Equal(3, _policies.Logger.At(LogLevel.Warning).Count(line => line.Contains("which no Resiliency document defines", StringComparison.Ordinal)));
    }

    [Fact]
    public void Default_policies_apply_where_no_document_names_the_target_the_most_special_first()
    {
        var provider = _policies.Provider("""
            policies:
              retries:
                DefaultRetryPolicy: { maxRetries: 1 }
                DefaultAppRetryPolicy: { maxRetries: 2 }
                DefaultComponentRetryPolicy: { maxRetries: 3 }
                DefaultComponentOutboundRetryPolicy: { maxRetries: 4 }
                DefaultPubsubComponentOutboundRetryPolicy: { maxRetries: 5 }
              timeouts:
                DefaultTimeoutPolicy: 7s
            targets:
              components:
                named: { inbound: {} }
              apps:
                named: {}
            """);

        Assert.Equal(2, provider.ForApp("other").Retry!.MaxRetries);
        Assert.Equal(5, provider.ForComponentOutbound("other", ComponentKind.Pubsub).Retry!.MaxRetries);
        Assert.Equal(4, provider.ForComponentOutbound("other", ComponentKind.Statestore).Retry!.MaxRetries);
        Assert.Equal(3, provider.ForComponentInbound("other", ComponentKind.Pubsub).Retry!.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(7), provider.ForComponentInbound("other", ComponentKind.Pubsub).Timeout);
        Assert.True(provider.ForComponentOutbound("named", ComponentKind.Pubsub).IsNone);
        Assert.True(provider.ForApp("named").IsNone);
    }

    [Fact]
    public void Built_in_retries_exist_and_an_override_has_at_least_three()
    {
        var provider = _policies.Provider("""
            policies:
              retries:
                DaprBuiltInServiceRetries: { duration: 2s, maxRetries: 1 }
                DaprBuiltInActorNotFoundRetries: { maxRetries: 100 }
            """);

        Assert.Equal((3, TimeSpan.FromSeconds(2)), (provider.BuiltIn(BuiltInPolicies.ServiceRetries).Retry!.MaxRetries, provider.BuiltIn(BuiltInPolicies.ServiceRetries).Retry!.Duration));
        Assert.Equal(5, provider.BuiltIn(BuiltInPolicies.ActorNotFoundRetries).Retry!.MaxRetries);
        Assert.True(provider.BuiltIn(BuiltInPolicies.InitializationRetries).Retry is { IsExponential: true, MaxRetries: 3 });
        Assert.Contains("Attempted override of DaprBuiltInServiceRetries did not meet minimum retry count, resetting to 3.", _policies.Logger.Lines);
        Assert.Contains("Attempted to override protected policy DaprBuiltInActorNotFoundRetries which is not allowed. Ignoring provided policy and using default.", _policies.Logger.Lines);
    }

    [Fact]
    public void Later_documents_go_over_earlier_ones_and_a_fault_leaves_the_others()
    {
        var provider = _policies.Provider(
            Policies.Spec("policies:\n  retries: { again: { maxRetries: 1 } }\ntargets:\n  apps: { server: { retry: again } }", "first"),
            Policies.Spec("policies:\n  timeouts: { bad: x }", "second"),
            Policies.Spec("policies:\n  retries: { again: { maxRetries: 2 } }", "third"));

        Assert.Equal(2, provider.ForApp("server").Retry!.MaxRetries);
        Assert.Equal(["first", "third"], _policies.Metrics.Documents);
        Assert.Equal("third", Assert.Single(_policies.Metrics.Uses).Name);
    }

    [Fact]
    public void Folders_give_the_first_document_of_each_yaml_file_that_is_scoped_to_the_app()
    {
        Write("0.yaml", "kind: Resiliency\nmetadata: { name: zero }\n---\nkind: Resiliency\nmetadata: { name: hidden }");
        Write("1.yml", "kind: Component\nmetadata: { name: pubsub }");
        Write("2.yaml", "Kind: Resiliency\nmetadata: { name: elsewhere }\nscopes: [other]");
        Write("3.yaml", "apiVersion: a\napiVersion: b\nkind: Resiliency\nmetadata: { name: three }\nscopes: [app1]");
        Write("4.yaml", "kind: [broken");
        Write("5.yaml", "kind: Resiliency\nmetadata: { name: five }\nspec: { policies: { retries: { again: { maxRetries: \"3\" } } } }");
        Write("readme.md", "text");

        var documents = ResiliencyFiles.Load([Path.Combine(_folder, "absent"), _folder], "app1", _policies.Logger);

        Assert.Equal(["zero", "three"], documents.Select(document => document.Name));
        Assert.Contains("A non-YAML resiliency file readme.md was detected, it will not be loaded", _policies.Logger.At(LogLevel.Warning));
        Assert.Contains(_policies.Logger.At(LogLevel.Warning), line => line.StartsWith("file 0.yaml holds a Resiliency that is not its first document", StringComparison.Ordinal));
        Assert.Contains(_policies.Logger.At(LogLevel.Error), line => line.StartsWith("Could not determine resource type: ", StringComparison.Ordinal));
        Assert.Contains(
            "Could not parse resiliency file 5.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field Retry.spec.policies.retries.maxRetries of type int",
            _policies.Logger.At(LogLevel.Error));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(10, "10ms")]
    [InlineData(1.5, "1.5ms")]
    [InlineData(0.25, "250µs")]
    [InlineData(1000, "1s")]
    [InlineData(61_500, "1m1.5s")]
    [InlineData(3_600_000, "1h0m0s")]
    public void Durations_are_written_as_go_writes_them(double milliseconds, string text) =>
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond))));

    private void Write(string name, string yaml) => File.WriteAllText(Path.Combine(_folder, name), yaml);
}
